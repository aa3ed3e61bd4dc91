"""Reads the shapes of the tensors in a safetensors file from its header.

The file begins with the length of the header, 8 bytes in little-endian order. The header is JSON:
the dtype and shape of each tensor, and the position of its bytes after the header.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from tracer.errors import TraceError, shortened
from tracer.escapes import escape_name
from tracer.frame_checks import MAX_SIZE
from tracer.snapshot import TensorSpec
from tracer.trace_checks import MAX_RANK

MAX_HEADER_BYTES: Final = 100_000_000
"""The longest header that the format allows."""
DTYPE_NAME: Final = re.compile(r"\w{1,32}", re.ASCII)
LENGTH: Final = struct.Struct("<Q")

SAFETENSORS_DTYPES: Final = {
    "BOOL": ("bool", 1),
    "U8": ("uint8", 1),
    "I8": ("int8", 1),
    "F8_E4M3": ("float8_e4m3fn", 1),
    "F8_E5M2": ("float8_e5m2", 1),
    "I16": ("int16", 2),
    "U16": ("uint16", 2),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "I32": ("int32", 4),
    "U32": ("uint32", 4),
    "F32": ("float32", 4),
    "I64": ("int64", 8),
    "U64": ("uint64", 8),
    "F64": ("float64", 8),
    "C64": ("complex64", 8),
}
"""The name that PyTorch has for each dtype, and the bytes of one element."""


class HeaderEntry(msgspec.Struct):
    """One tensor in the header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def read_header(path: Path) -> Mapping[str, TensorSpec]:
    """Return the shapes and dtypes of the tensors in a file, by name.

    Args:
        path: A ``.safetensors`` file.

    Raises:
        TraceError: The file is damaged, truncated or has another format.
    """
    with path.open("rb") as file:
        data = _header(file, path)
        start = file.tell()
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        fields.pop("__metadata__", None)
        entries = {name: msgspec.json.decode(raw, type=HeaderEntry) for name, raw in fields.items()}
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise TraceError(f'"{path}" is not a safetensors file: its header says {error}.') from None
    for name, entry in entries.items():
        if not _matches_shape(entry):
            raise TraceError(
                f'"{path}" is not a safetensors file: the bytes of {_quoted(name)} do not match '
                "its shape."
            )
        if not DTYPE_NAME.fullmatch(entry.dtype):
            raise TraceError(
                f'"{path}" is not a safetensors file: {_quoted(name)} has no dtype that is a name.'
            )
    _require_apart(entries, path)
    end = start + max((entry.data_offsets[1] for entry in entries.values()), default=0)
    if path.stat().st_size < end:
        raise TraceError(
            f'"{path}" is truncated: {path.stat().st_size:,} bytes of {end:,}. Download it again.'
        )
    return {name: TensorSpec(entry.shape, _dtype(entry)) for name, entry in entries.items()}


def _require_apart(entries: Mapping[str, HeaderEntry], path: Path) -> None:
    """Raise TraceError if two tensors share bytes, which the format does not allow."""
    spans = sorted((*entry.data_offsets, name) for name, entry in entries.items())
    for (_, end, one), (begin, after, other) in pairwise(spans):
        if begin < end and begin < after:
            raise TraceError(
                f'"{path}" is not a safetensors file: {_quoted(one)} and {_quoted(other)} share '
                "bytes."
            )


def _quoted(name: str) -> str:
    return json.dumps(shortened(name))


def _dtype(entry: HeaderEntry) -> str:
    known = SAFETENSORS_DTYPES.get(entry.dtype)
    return known[0] if known else escape_name(entry.dtype)


def _matches_shape(entry: HeaderEntry) -> bool:
    """Whether a tensor has as many bytes as its elements need; True for an unknown dtype."""
    begin, end = entry.data_offsets
    fine = len(entry.shape) <= MAX_RANK and all(0 <= size <= MAX_SIZE for size in entry.shape)
    if not (fine and 0 <= begin <= end):
        return False
    if entry.dtype not in SAFETENSORS_DTYPES:
        return True
    _, element_size = SAFETENSORS_DTYPES[entry.dtype]
    return prod(entry.shape) * element_size == end - begin


def _header(file: BinaryIO, path: Path) -> bytes:
    length = file.read(LENGTH.size)
    size = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else 0
    data = file.read(size) if 0 < size <= MAX_HEADER_BYTES else b""
    if not data.startswith(b"{") or len(data) < size:
        raise TraceError(f'"{path}" is not a safetensors file: its header is incomplete.')
    return data
