"""The shapes in a file of safetensors, read from its header alone.

The file begins with the length of the header, 8 bytes, the least first; the header is JSON: for
each tensor its dtype, its shape, and where its bytes stand behind the header.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from tracer.errors import TraceError
from tracer.snapshot import TensorSpec

LONGEST: Final = 100_000_000
"""Bytes that a header may have, by the definition of the format."""
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
"""What each dtype is called by PyTorch, and the bytes of one number."""


class HeaderEntry(msgspec.Struct):
    """One tensor in the header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def header_of(path: Path) -> Mapping[str, TensorSpec]:
    """The tensors of a file by name. Raises TraceError where it is no such file, or is cut off."""
    with path.open("rb") as file:
        data = _header(file, path)
        start = file.tell()
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        found.pop("__metadata__", None)
        entries = {name: msgspec.json.decode(raw, type=HeaderEntry) for name, raw in found.items()}
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TraceError(f'"{path}" is no file of safetensors: its header says {error}.') from None
    for name, entry in entries.items():
        if not _fits(entry):
            raise TraceError(
                f'"{path}" is no file of safetensors: the bytes of "{name}" do not fit its shape.'
            )
    end = start + max((entry.data_offsets[1] for entry in entries.values()), default=0)
    if path.stat().st_size < end:
        raise TraceError(
            f'"{path}" is cut off: {path.stat().st_size:,} bytes of {end:,}. Download it again.'
        )
    return {name: TensorSpec(entry.shape, _dtype(entry)) for name, entry in entries.items()}


def _dtype(entry: HeaderEntry) -> str:
    return SAFETENSORS_DTYPES[entry.dtype][0] if entry.dtype in SAFETENSORS_DTYPES else entry.dtype


def _fits(entry: HeaderEntry) -> bool:
    """Whether a tensor takes the bytes of its numbers; of an unknown dtype that is not known."""
    begin, end = entry.data_offsets
    if not (0 <= begin <= end and all(size >= 0 for size in entry.shape)):
        return False
    if entry.dtype not in SAFETENSORS_DTYPES:
        return True
    _, width = SAFETENSORS_DTYPES[entry.dtype]
    return prod(entry.shape) * width == end - begin


def _header(file: BinaryIO, path: Path) -> bytes:
    length = file.read(LENGTH.size)
    size = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else 0
    data = file.read(size) if 0 < size <= LONGEST else b""
    if not data.startswith(b"{") or len(data) < size:
        raise TraceError(f'"{path}" is no file of safetensors: it has no whole header.')
    return data
