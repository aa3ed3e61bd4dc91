"""A trace as a JSON document, and back, with nothing lost and without torch.

The document is the record field by field, so `jq '.steps[].outputs[0].shape'` reads it, with one
field before the others: `format`, which names the version of the format. A reader ignores fields
that it does not know; the version rises when an old reader would misread a new document. Equal
traces give equal bytes. Each step and each line of source stands on a line of its own.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from tracer.record import Block, Line, Trace
from tracer.target_spec import TargetSpec

TRACE_FORMAT: Final = "unet-trace/2"
"""What the field `format` says in a document that this version writes."""

FORMER_FORMAT: Final = "unet-trace/1"
"""The format of version 0.1, which is read: what was asked for is one text there, `target`."""

_T = TypeVar("_T")
WRITE_TRACE_AGAIN: Final = "write it again with `unet-trace trace`"
ORDER: Final = (
    *("model", "spec", "mode", "torch", "notes", "missed", "symbols"),
    *("inputs", "outputs", "root", "steps", "lines"),
)
"""The fields of a document after `format`: the short ones first, for who looks at its head."""


class TraceFileError(ValueError):
    """A document is no trace, or none that this version can read; says where, and what to do."""


class TraceHead(msgspec.Struct):
    """What is read of a document before anything else."""

    format: str | None = None
    target: str = ""


def save(trace: Trace, path: str | Path) -> None:
    """Write a trace to a file, whole or not at all. Raises OSError where the file cannot be."""
    write_whole(Path(path), to_json(trace))


def load(path: str | Path) -> Trace:
    """Read a trace from a file. Raises OSError without the file, TraceFileError for another one."""
    return from_json(Path(path).read_bytes(), str(path))


def to_json(trace: Trace) -> bytes:
    """The document of a trace, in UTF-8, ending in a newline; equal traces give equal bytes."""
    encoder = msgspec.json.Encoder()
    members = [b'"format":' + encoder.encode(TRACE_FORMAT)]
    for name in ORDER:
        members.append(encoder.encode(name) + b":" + _encode(encoder, getattr(trace, name)))
    return b"{\n" + b",\n".join(members) + b"\n}\n"


def from_json(data: bytes, origin: str = "the document") -> Trace:
    """The trace of a document. `origin` names the document in the text of a TraceFileError."""
    with _no_collection():
        head = _checked_head(data, origin)
        trace = _decode(data, Trace, origin)
    if head.format == FORMER_FORMAT:
        trace = replace(trace, spec=TargetSpec.from_text(head.target))
    for place, trouble in _troubles(trace):
        raise TraceFileError(
            f"{origin}: {place}: {trouble}. The file was changed by hand; {WRITE_TRACE_AGAIN}"
        )
    return trace


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    kinds: dict[str, dict[str, Any]] = msgspec.json.schema(Trace)["$defs"]
    document = kinds.pop("Trace")
    document["title"] = f"A trace of a model, in the format {TRACE_FORMAT}"
    known = {name: document["properties"][name] for name in ORDER}
    document["properties"] = {"format": {"const": TRACE_FORMAT}} | known
    document["required"] = ["format", *(name for name in ORDER if name in document["required"])]
    for definition in (document, *kinds.values()):
        definition["description"] = " ".join(definition["description"].partition(">>>")[0].split())
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect} | document | {"$defs": kinds}


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` in a file that was there whole before, or was not there; never half of it."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a terminal is written to, not replaced
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(data)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _encode(encoder: msgspec.json.Encoder, member: Any) -> bytes:
    """One member of the document; a list takes a line of text for each of its items."""
    if not isinstance(member, tuple) or not member:
        return encoder.encode(member)
    # a newline inside a string is escaped, so those left stand between two items
    return b"[\n" + encoder.encode_lines(member).rstrip(b"\n").replace(b"\n", b",\n") + b"\n]"


def _checked_head(data: bytes, origin: str) -> TraceHead:
    """The head of a document whose format can be read."""
    head = _decode(data, TraceHead, origin)
    found = head.format
    if found is None:
        raise TraceFileError(
            f"{origin}: .format is missing: this JSON is no trace; {WRITE_TRACE_AGAIN}"
        )
    name, _, version = found.partition("/")
    if name != "unet-trace":
        raise TraceFileError(
            f'{origin}: .format is "{found}": this JSON is no trace; {WRITE_TRACE_AGAIN}'
        )
    if found not in (TRACE_FORMAT, FORMER_FORMAT):
        newer = version.isdecimal() and int(version) > int(TRACE_FORMAT.partition("/")[2])
        cure = "upgrade unet-trace" if newer else WRITE_TRACE_AGAIN
        raise TraceFileError(
            f'{origin}: .format is "{found}", and this version reads "{TRACE_FORMAT}"; {cure}'
        )
    return head


def _decode(data: bytes, kind: type[_T], origin: str) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        place = place.rstrip("`") or "the top"
        raise TraceFileError(f"{origin}: {place}: {reason}; {WRITE_TRACE_AGAIN}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TraceFileError(f"{origin}: not JSON: {error}; {WRITE_TRACE_AGAIN}") from None


def _troubles(trace: Trace) -> Iterator[tuple[str, str]]:
    """Where a well-formed document contradicts itself: the place, and what is wrong there."""
    seen: set[str] = set()
    for block in trace.root.walk():
        if block.call in seen:
            yield ".root", f'two blocks have the call "{block.call}"'
        seen.add(block.call)
        yield from _range_troubles(f'the block "{block.call}"', block, len(trace.steps))
    for number, step in enumerate(trace.steps):
        if step.block not in seen:
            yield f".steps[{number}].block", f'no block has the call "{step.block}"'
    for number, line in enumerate(trace.lines):
        if line.block not in seen:
            yield f".lines[{number}].block", f'no block has the call "{line.block}"'
        yield from _range_troubles(f".lines[{number}]", line, len(trace.steps))


def _range_troubles(place: str, part: Block | Line, count: int) -> Iterator[tuple[str, str]]:
    if not 0 <= part.first <= part.last <= count:
        yield place, f"first {part.first} and last {part.last} are no range of {count} steps"


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector still while a document is read.

    All that is read stays, and the collector would look through it again and again: reading 5,000
    steps takes three times as long with it.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
