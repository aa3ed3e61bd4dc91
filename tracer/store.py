"""Saves a trace as a JSON document and loads it, without loss and without torch.

The document holds the fields of the record, so `jq '.steps[].outputs[0].shape'` reads it. Its first
field, `format`, names the version of the format. A reader ignores unknown fields; the version is
raised when an older reader would misread a new document. Equal traces give equal bytes. Each step
and each line of source is on a line of its own.
"""

from __future__ import annotations

import os
import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import msgspec

from tracer.atomic_write import write_whole
from tracer.errors import TraceError, closest_file, require_no_device, shortened
from tracer.escapes import encodable, visible
from tracer.gc_pause import gc_paused
from tracer.record import Trace, require_trace
from tracer.target_spec import TargetSpec
from tracer.trace_checks import MAX_BLOCK_NESTING, find_problems

TRACE_FORMAT: Final = "unet-trace/3"
"""The value of the field `format` in a document that this version writes."""

FIRST_FORMAT: Final = "unet-trace/1"
"""The format of version 0.1, which has the text of `Trace.spec` as `target`."""

READ_FORMATS: Final = (FIRST_FORMAT, "unet-trace/2", TRACE_FORMAT)
"""All formats that are read. Lines have `Line.frame`, and what comes after it, from 3 on."""

_T = TypeVar("_T")
MAX_TRACE_BYTES: Final = 256 << 20
"""The longest document that is read; 100,000 steps take 60 MiB."""
LIMIT_PER_BLOCK: Final = 3
"""Each block takes so much of the limit at most: one for itself, one for the list of its calls."""
SHOWN_REASON: Final = 200
MAX_VERSION: Final = 9
"""Digits of a version of the format."""
GZIP_MARK: Final = b"\x1f\x8b"
"""How a compressed file begins."""
GZIP_LEVEL: Final = 6
START_BYTES: Final = 4_096
"""So much of a file is read to tell that it is no trace at all."""
LOCK_MARK: Final = b"\nformat: unet-trace-lock/"
WRITE_TRACE_AGAIN: Final = "write it again with `unet-trace trace`"
FORMAT_FIRST: Final = re.compile(rb'\s{0,99}\{\s{0,99}"format":"%s"' % TRACE_FORMAT.encode())
"""How `save` begins a document; then there is no need to look for the format in all of it."""
FIELD_ORDER: Final = (
    *("model", "spec", "mode", "torch", "notes", "missed", "failed", "symbols"),
    *("inputs", "outputs", "root", "steps", "lines"),
)
"""The fields of a document after `format`; the short ones come first, so `head` shows them."""

TEXT_FIELDS: Final = ("spec", "notes")
"""The fields that hold no names of the model."""
MAY_HIDE: Final = re.compile(rb"\\[bfnrtu]|[\x7f-\xff]")
"""What the document of a trace contains if a string in it holds a hidden character."""


class TraceFileError(ValueError):
    """A document is not a trace that this version can read; the message says where and why."""


class TraceHeader(msgspec.Struct):
    """The fields that are decoded before the rest of a document."""

    format: str | None = None
    target: str = ""


def save(trace: Trace, path: str | Path) -> None:
    """Write a trace to a file, completely or not at all; compressed if its name ends in ``.gz``.

    Raises:
        OSError: The file cannot be written.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tracer.record import Block, Value
    >>> x = Value("x", (1, 3, 8, 8), "float32")
    >>> trace = Trace("Identity", (x,), (x,), (), Block("", "", "Identity", (x,), (x,), 0, 0, 0, 0))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "identity.json")
    ...     save(trace, path)
    ...     path.read_text().splitlines()[1]
    '"format":"unet-trace/3",'
    """
    require_trace(trace)
    write_whole(Path(path), to_file_content(trace, Path(path)))


def load(path: str | Path) -> Trace:
    """Read a trace from a file, which may be compressed (``.json.gz``).

    Raises:
        OSError: The file cannot be read.
        TraceFileError: The file is not a trace, or was written by a newer version.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tracer.record import Block, Value
    >>> x = Value("x", (1, 3, 8, 8), "float32")
    >>> trace = Trace("Identity", (x,), (x,), (), Block("", "", "Identity", (x,), (x,), 0, 0, 0, 0))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "identity.json")
    ...     save(trace, path)
    ...     load(path) == trace
    True
    """
    return from_json(_bytes_of(Path(path)), str(path))


def require_no_lock_file(path: Path) -> None:
    """Raise TraceError for a lock file, where a model or a saved trace is needed."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        is_lock = LOCK_MARK in file.read(START_BYTES)
    if is_lock:
        raise TraceError(
            f"{path} is a lock file, which only `check` and `diff` read: use "
            f"`unet-trace check TARGET {path}`, or `unet-trace diff {path} TARGET`."
        )


def _bytes_of(path: Path) -> bytes:
    """The content of a file, if it is short enough for a trace and begins as one."""
    with path.open("rb") as file:
        if file.peek(len(GZIP_MARK)).startswith(GZIP_MARK):
            return _unpacked(file, path)
        start = file.read(START_BYTES)
        if start and not start.lstrip().startswith((b"{", b"[")):
            raise TraceFileError(f"{path}: not JSON; {WRITE_TRACE_AGAIN}")
        known_size = os.fstat(file.fileno()).st_size
        if known_size > MAX_TRACE_BYTES:
            data = b""
        elif known_size:
            file.seek(0)
            data = file.read(known_size + 1)  # joining two parts would need twice the memory
        else:  # a pipe
            data = start + file.read(MAX_TRACE_BYTES)
    _require_size(max(known_size, len(data)), path)
    return data


def _unpacked(file: BinaryIO, path: Path) -> bytes:
    """The content of a compressed file, of which no more is unpacked than a trace may have."""
    from gzip import GzipFile  # most traces are not compressed, and it takes a while

    try:
        with GzipFile(fileobj=file) as packed:
            data = packed.read(MAX_TRACE_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise TraceFileError(
            f"{path}: the compressed file is damaged ({error}); {WRITE_TRACE_AGAIN}"
        ) from None
    _require_size(len(data), path)
    return data


def _require_size(size: int, path: Path) -> None:
    if size > MAX_TRACE_BYTES:
        raise TraceFileError(
            f"{path}: a trace has at most {MAX_TRACE_BYTES >> 20} MiB, and this file is larger"
        )


def load_target_file(spec: TargetSpec) -> Trace:
    """Return the saved trace that a request names; hidden characters in its names are escaped.

    Raises:
        TraceError: There is no such file, it holds no trace, or the request asks for something
            that only a model that is run can give.
    """
    path = Path(spec.target)
    require_no_lock_file(path)
    if spec != TargetSpec(spec.target):
        raise TraceError(
            f"{path} is a saved trace: --set, --input, --size, --batch, --symbolic, --dims, "
            "--vary, --train and --eval apply to models that are run."
        )
    require_no_device(path)
    if not path.is_file():
        closest = closest_file(path)
        make = f"Write it with `unet-trace trace TARGET -o {path}`."
        hint = f'Did you mean "{closest}"?' if closest else make
        raise TraceError(f'There is no file "{path}". {hint}')
    try:
        data = _bytes_of(path)
        trace = from_json(data, str(path))
    except TraceFileError as error:
        raise TraceError(str(error)) from error
    return _with_visible_names(trace) if MAY_HIDE.search(data) else trace


def to_json(trace: Trace) -> bytes:
    """Return the document of a trace: UTF-8, with a newline at the end; equal for equal traces."""
    encoder = msgspec.json.Encoder()
    members = [b'"format":' + encoder.encode(TRACE_FORMAT)]
    for name in FIELD_ORDER:
        member = _deeply(partial(_encode, encoder, getattr(trace, name)))
        members.append(encoder.encode(name) + b":" + member)
    return b"{\n" + b",\n".join(members) + b"\n}\n"


def to_file_content(trace: Trace, path: Path | None) -> bytes:
    """Return the document of a trace as a file of this name holds it: compressed for ``.gz``."""
    data = to_json(trace)
    if path is None or path.suffix != ".gz":
        return data
    from gzip import compress

    return compress(data, GZIP_LEVEL, mtime=0)


def from_json(data: bytes, origin: str = "the document") -> Trace:
    """Return the trace in a document.

    Args:
        data: The document, UTF-8, in the present format or an earlier one.
        origin: The name of the document in messages.

    Raises:
        TraceFileError: The document is not a trace, or contradicts itself.
    """
    with gc_paused(lasting=True):
        header = _checked_header(data, origin)
        trace = _decode(data, Trace, origin)
        found = next(find_problems(trace), None)
    if header.format == FIRST_FORMAT:
        trace = replace(trace, spec=TargetSpec.from_text(header.target))
    if found is not None:
        place, problem = found
        raise TraceFileError(
            f"{origin}: {place}: {problem}. The file was changed by hand; {WRITE_TRACE_AGAIN}"
        )
    return trace


def _with_visible_names(trace: Trace) -> Trace:
    """A trace whose names hide nothing, as this version writes them."""
    fields = {
        name: part if name in TEXT_FIELDS else _visible(part)
        for name, part in msgspec.to_builtins(trace).items()
    }
    return msgspec.convert(fields, Trace)


def _visible(part: Any) -> Any:
    if isinstance(part, str):
        return visible(part)
    if isinstance(part, dict):
        return {name: _visible(item) for name, item in part.items()}
    return [_visible(item) for item in part] if isinstance(part, (list, tuple)) else part


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a document."""
    definitions: dict[str, dict[str, Any]] = msgspec.json.schema(Trace)["$defs"]
    document = definitions.pop("Trace")
    document["title"] = f"A trace of a model, in the format {TRACE_FORMAT}"
    properties = {name: document["properties"][name] for name in FIELD_ORDER}
    document["properties"] = {"format": {"const": TRACE_FORMAT}} | properties
    required = [name for name in FIELD_ORDER if name in document["required"]]
    document["required"] = ["format", *required]
    for definition in (document, *definitions.values()):
        definition["description"] = " ".join(definition["description"].partition(">>>")[0].split())
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect} | document | {"$defs": definitions}


def _encode(encoder: msgspec.json.Encoder, member: Any) -> bytes:
    """One field of the document; a list has one item per line."""
    if not isinstance(member, tuple) or not member:
        try:
            return encoder.encode(member)
        except UnicodeEncodeError:  # the name of a file that is not UTF-8
            return encoder.encode(encodable(msgspec.to_builtins(member)))
    # newlines inside strings are escaped, so the others separate items
    return b"[\n" + encoder.encode_lines(member).rstrip(b"\n").replace(b"\n", b",\n") + b"\n]"


def _deeply(function: Callable[[], _T]) -> _T:
    """Call a function again with room for the deepest blocks if they go beyond Python's limit."""
    try:
        return function()
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + LIMIT_PER_BLOCK * MAX_BLOCK_NESTING)
        try:
            return function()
        finally:
            sys.setrecursionlimit(limit)


def _checked_header(data: bytes, origin: str) -> TraceHeader:
    """Decode the header. Raises TraceFileError for a format that this version does not read."""
    start = FORMAT_FIRST.match(data)
    header = TraceHeader(TRACE_FORMAT) if start else _decode(data, TraceHeader, origin)
    found = header.format
    if found is None:
        raise TraceFileError(
            f"{origin}: this JSON is not a trace, since it has no .format; {WRITE_TRACE_AGAIN}"
        )
    shown = shortened(found)
    name, _, version = found.partition("/")
    if name != "unet-trace":
        raise TraceFileError(
            f'{origin}: this JSON is not a trace, since .format is "{shown}"; {WRITE_TRACE_AGAIN}'
        )
    if found not in READ_FORMATS:
        newer = (
            version.isdecimal()
            and len(version) < MAX_VERSION
            and int(version) > int(TRACE_FORMAT.partition("/")[2])
        )
        remedy = "upgrade unet-trace" if newer else WRITE_TRACE_AGAIN
        raise TraceFileError(
            f'{origin}: .format is "{shown}", and this version reads "{TRACE_FORMAT}"; {remedy}'
        )
    return header


def _decode(data: bytes, kind: type[_T], origin: str) -> _T:
    try:
        return _deeply(lambda: msgspec.json.decode(data, type=kind))
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        place = place.rstrip("`") or "the top"
        raise TraceFileError(
            f"{origin}: {place}: {shortened(reason, SHOWN_REASON)}; {WRITE_TRACE_AGAIN}"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TraceFileError(
            f"{origin}: not JSON: {shortened(str(error), SHOWN_REASON)}; {WRITE_TRACE_AGAIN}"
        ) from None
    except RecursionError:
        raise TraceFileError(
            f"{origin}: values or blocks are nested more than {MAX_BLOCK_NESTING} deep; "
            f"{WRITE_TRACE_AGAIN}"
        ) from None
