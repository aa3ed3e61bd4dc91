"""Tells what a file is from its first bytes: a checkpoint, or something else that is named."""

from __future__ import annotations

import pickletools
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from tracer.errors import TraceError

CheckpointFormat = Literal["torch", "safetensors", "index"]

START: Final = 512
"""The number of bytes that are looked at."""
PICKLE, ZIP = b"\x80", b"PK\x03\x04"
"""The first bytes of a file of `torch.save`, of old versions and of new ones."""
HEADER_LENGTH: Final = 8
"""A safetensors file begins with the length of its header, which is JSON."""

OTHER_FORMATS: Final = {
    b"\x89HDF": "is an HDF5 file, as Keras writes it, and no checkpoint of PyTorch.",
    b"GGUF": "is a GGUF file, and no checkpoint of PyTorch.",
    b"\x93NUMPY": "is an array of NumPy, and no checkpoint of PyTorch.",
    b"\x1f\x8b": "is compressed with gzip: unpack it first.",
}
"""What files of other formats are, by their first bytes."""

MAX_PICKLE_BYTES: Final = 100 << 20
"""The longest description of tensors that is unpacked; 100,000 of them take 20 MiB."""
STORAGE: Final = re.compile(r"[^/]+/data/.*", re.DOTALL)
"""The numbers of a tensor in a zip file; they are not read."""
LFS_POINTER: Final = b"version https://git-lfs"
LFS_SIZE: Final = re.compile(rb"^size (\d+)", re.MULTILINE)
NO_OBJECT: Final = ("PROTO", "FRAME", "BINPUT", "LONG_BINPUT", "MEMOIZE")
"""What may precede the first object of a pickle."""
STATE_DICT_CLASS: Final = "collections OrderedDict"


def format_of(path: Path) -> CheckpointFormat:
    """Return the format of a checkpoint, whatever its suffix says.

    Raises:
        TraceError: The file is no checkpoint; the message says what it is, as far as that is known.
    """
    with path.open("rb") as file:
        start = file.read(START)
    problem = _other_file(start)
    if problem:
        raise TraceError(f'"{path}" {problem}')
    if path.suffix == ".json":
        return "index"
    if start.startswith((PICKLE, ZIP)):
        _require_torch_archive(path)
        return "torch"
    if path.suffix == ".safetensors" or start[HEADER_LENGTH:].startswith(b"{"):
        return "safetensors"
    raise TraceError(f'"{path}" is neither a torch.save file nor a safetensors file.')


def _other_file(start: bytes) -> str | None:
    """What a file is that is no checkpoint, after its name."""
    if not start:
        return "is empty."
    if start.startswith(LFS_POINTER):
        size = LFS_SIZE.search(start)
        of = f" of {int(size[1]):,} bytes" if size else ""
        return (
            f"is a git-lfs pointer, and the file{of} that it stands for was not downloaded. "
            "Run `git lfs pull`."
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "is a web page, and no checkpoint: open it to see why the download failed."
    return next((text for first, text in OTHER_FORMATS.items() if start.startswith(first)), None)


def _require_torch_archive(path: Path) -> None:
    """Raise TraceError for a zip file that `torch.load` does not read."""
    members: list[zipfile.ZipInfo] = []
    with suppress(Exception), zipfile.ZipFile(path) as archive:  # a damaged one is told later
        members = archive.infolist()
    names = [member.filename for member in members]
    if any(name.endswith("/constants.pkl") for name in names):
        raise TraceError(
            f'"{path}" is a program that torch.jit.save wrote. '
            "Save its tensors alone: torch.save(program.state_dict(), path)."
        )
    if names and all(name.endswith(".npy") for name in names):
        raise TraceError(f'"{path}" holds arrays of NumPy, and no checkpoint of PyTorch.')
    unpacked = sum(one.file_size for one in members if not STORAGE.fullmatch(one.filename))
    if unpacked > MAX_PICKLE_BYTES:
        raise TraceError(
            f'"{path}" describes its tensors in {unpacked >> 20:,} MiB, and no checkpoint needs '
            f"more than {MAX_PICKLE_BYTES >> 20}."
        )


def whole_object_class(path: Path) -> str | None:
    """Return the class of the object that a file of `torch.save` holds, if it is not a dict.

    The pickle is only read, and nothing in it is run.
    """
    with suppress(Exception):  # a damaged pickle may raise anything
        opcodes = pickletools.genops(_pickle_in(path))
        opcode, argument, _ = next(one for one in opcodes if one[0].name not in NO_OBJECT)
        if opcode.name == "GLOBAL" and argument != STATE_DICT_CLASS:
            return str(argument).replace(" ", ".")
    return None


def _pickle_in(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return b""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        return archive.read(name)
