"""Caches the results of the site's models and experiments from one build to the next.

One runs again only if a file that its last run read has changed; see
`tracer.site.models.file_dependencies`. The cache folder can be deleted at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec

from tracer.atomic_write import write_whole
from tracer.site.content.model_results import ModelResults
from tracer.site.models.file_dependencies import are_unchanged, environment_key

CACHE_FOLDER = ".cache"
"""Below the folder of the project; git ignores it."""


class Cacheable(Protocol):
    """What is run for the site: its name, and everything that says what is run."""

    @property
    def name(self) -> str:
        """Its name on the site."""

    @property
    def request(self) -> tuple[object, ...]:
        """What a run of it depends on, besides the files that it reads."""


@dataclass(frozen=True, slots=True)
class CachedResults:
    """The results of a model, and the state of each file that the run read, by its path."""

    results: ModelResults
    dependencies: dict[str, str]


@dataclass(frozen=True, slots=True)
class CachedRecord:
    """What an experiment recorded, as JSON, and the state of each file that it read."""

    record: msgspec.Raw
    dependencies: dict[str, str]


_C = TypeVar("_C", CachedResults, CachedRecord)


class ResultCache(Generic[_C]):
    """A folder with one file per model or experiment and way to run it; for one build."""

    def __init__(self, folder: Path, kind: type[_C]) -> None:
        self._folder = folder
        self._kind: type[_C] = kind
        self._states: dict[str, str] = {}

    def get(self, wanted: Cacheable) -> _C | None:
        """Return what is cached, or None if a run could give something else."""
        try:
            data = self._path(wanted).read_bytes()
            cached = msgspec.json.decode(data, type=self._kind)
        except (OSError, msgspec.DecodeError):
            return None
        return cached if are_unchanged(cached.dependencies, self._states) else None

    def put(self, wanted: Cacheable, cached: _C) -> None:
        """Stores what a run found."""
        path = self._path(wanted)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(cached))

    def _path(self, wanted: Cacheable) -> Path:
        text = "\0".join(map(str, (*wanted.request, *environment_key())))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self._folder / f"{wanted.name}-{digest[:16]}.json"
