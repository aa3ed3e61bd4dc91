"""What breaks when one thing is changed: what an experiment recorded, and the texts about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from tracer.errors import SiteError
from tracer.record import Trace
from tracer.site.content.site_config import Text
from tracer.site.content.yaml_file import read_yaml


@dataclass(frozen=True, slots=True)
class OutputComparison:
    """How the output of a changed model differs, with the same weights and the same input.

    `differ` of `count` numbers are not the same; `most` is the largest difference, and `spread` the
    standard deviation of the output of the unchanged model.
    """

    shape: tuple[int, ...]
    differ: int
    count: int
    most: float
    spread: float


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """What one change did.

    `diff` is the change in the code; empty if only the input was changed. `frames` are the lines of
    the traceback in the model, `error` is its last line, `note` what the tracer said of it; all are
    empty if nothing failed. `trace` is None if the model could not be built.
    """

    id: str
    diff: str
    frames: str = ""
    error: str = ""
    note: str = ""
    trace: Trace | None = None
    outputs: OutputComparison | None = None


class ChangeText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page says about a change: its title, what is changed, and why that happens."""

    id: str
    title: Text
    change: Text
    why: Text


@dataclass(frozen=True, slots=True)
class Breakage:
    """A change with its texts."""

    recorded: RecordedChange
    text: ChangeText


def read_breakages(path: Path, record: bytes) -> tuple[Breakage, ...]:
    """Return the changes of a record with their texts, in the order of the texts.

    Args:
        path: The file of the texts.
        record: What the experiment recorded, as JSON.

    Raises:
        SiteError: A change has no text, or a text no change.
    """
    texts = {text.id: text for text in read_yaml(path, tuple[ChangeText, ...])}
    found = {one.id: one for one in msgspec.json.decode(record, type=tuple[RecordedChange, ...])}
    if unpaired := sorted(texts.keys() ^ found.keys()):
        raise SiteError(f"{path}: only the texts or only the record has {', '.join(unpaired)}.")
    return tuple(Breakage(found[name], text) for name, text in texts.items())
