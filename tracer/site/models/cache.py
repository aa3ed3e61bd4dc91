"""What was found of the models of the site, kept from one build to the next.

A model is run anew unless all that its last run read is as it was; see
`tracer.site.models.file_dependencies`. The folder may be removed at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tracer.site.content.site_config import SiteModel
from tracer.site.models.file_dependencies import surroundings, unchanged
from tracer.site.models.results import ModelResults
from tracer.store import write_whole

CACHE_FOLDER = ".cache"
"""Where in a project things are kept; git ignores it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was found, and the state of each file that the run read, by its path."""

    findings: ModelResults
    sources: dict[str, str]


class ResultCache:
    """The things kept in a folder, one file for each request of a plan."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, traced: SiteModel) -> ModelResults | None:
        """What was found of a model, if a run now would find the same."""
        try:
            data = self._path(traced).read_bytes()
            kept = msgspec.json.decode(data, type=Remembered)
        except (OSError, msgspec.DecodeError):
            return None
        return kept.findings if unchanged(kept.sources) else None

    def keep(self, traced: SiteModel, found: Remembered) -> None:
        """Keep it until the next time."""
        path = self._path(traced)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(found))

    def _path(self, traced: SiteModel) -> Path:
        asked = (traced.target, sorted(traced.set.items()), sorted(traced.inputs.items()))
        text = "\0".join(map(str, (*asked, *surroundings())))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self._folder / f"{traced.name}-{digest[:16]}.json"
