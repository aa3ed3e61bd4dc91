"""Caches the results of the site's models from one build to the next.

A model runs again only if a file that its last run read has changed; see
`tracer.site.models.file_dependencies`. The cache folder can be deleted at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tracer.atomic_write import write_whole
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_config import SiteModel
from tracer.site.models.file_dependencies import are_unchanged, environment_key

CACHE_FOLDER = ".cache"
"""Below the folder of the project; git ignores it."""


@dataclass(frozen=True, slots=True)
class CachedResults:
    """The results of a model, and the state of each file that the run read, by its path."""

    results: ModelResults
    dependencies: dict[str, str]


class ResultCache:
    """A folder with one file per model and way to run it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, model: SiteModel) -> ModelResults | None:
        """Return the cached results of a model, or None if a run could give others."""
        try:
            data = self._path(model).read_bytes()
            cached = msgspec.json.decode(data, type=CachedResults)
        except (OSError, msgspec.DecodeError):
            return None
        return cached.results if are_unchanged(cached.dependencies) else None

    def put(self, model: SiteModel, cached: CachedResults) -> None:
        """Stores the results of a model."""
        path = self._path(model)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(cached))

    def _path(self, model: SiteModel) -> Path:
        request = (model.target, sorted(model.set.items()), sorted(model.inputs.items()))
        text = "\0".join(map(str, (*request, *environment_key())))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self._folder / f"{model.name}-{digest[:16]}.json"
