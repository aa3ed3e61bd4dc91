"""Reads the names and shapes of the tensors in a checkpoint, and of those that a model loads.

Only shapes are read, and no code in a file is run: files of `torch.save` are unpickled with
``weights_only=True``, on ``meta``.
"""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.checkpoints.safetensors_header import read_header
from tracer.snapshot import TensorSpec

StateDict = Mapping[str, TensorSpec]
REFUSED_CLASS = re.compile(r"GLOBAL ([\w.]+)")
PICKLE, ZIP = b"\x80", b"PK\x03\x04"
"""The first bytes of a file of `torch.save`, of old versions and of new ones."""


def state_of(model: nn.Module) -> StateDict:
    """Return what `model.load_state_dict` expects: parameters and persistent buffers, by name.

    >>> state_of(nn.Linear(3, 8, bias=False))
    {'weight': TensorSpec(shape=(8, 3), dtype='float32')}
    """
    return _specs(model.state_dict())


def read_checkpoint(path: Path, within: str | None = None) -> StateDict:
    """Return the shapes and dtypes of the tensors in a checkpoint, by name.

    Args:
        path: A ``.safetensors`` file, a file of `torch.save`, or a ``.json`` index of several.
        within: The dict to read, for a file that holds several.

    Raises:
        TraceError: The file has another format, is damaged, or holds objects other than tensors.
    """
    if path.suffix == ".json":
        return _of_index(path)
    if path.suffix == ".safetensors":
        return read_header(path)
    return _specs(_tensor_dict(_unpickled(path), path, within))


class ShardIndex(msgspec.Struct):
    """The index of a checkpoint that is split into several files."""

    weight_map: dict[str, str]


def _of_index(path: Path) -> StateDict:
    try:
        files = msgspec.json.decode(path.read_bytes(), type=ShardIndex).weight_map
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TraceError(f'"{path}" is not a checkpoint index: {error}.') from None
    specs: dict[str, TensorSpec] = {}
    for name in dict.fromkeys(files.values()):
        part = path.parent / Path(name).name  # beside the index, wherever it points
        if part.name != name or part.suffix == ".json" or not part.is_file():
            raise TraceError(f'"{path}" names "{name}", and there is no such file beside it.')
        specs |= read_checkpoint(part)
    return specs


def _unpickled(path: Path) -> Any:
    _require_pickle(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old protocols, which it reads or refuses
            _require_tensors(path)
            return torch.load(
                path, map_location="meta", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except TraceError:
        raise
    except pickle.UnpicklingError as error:
        refused = REFUSED_CLASS.search(str(error))
        contents = f"an object of {refused[1]}" if refused else "more than tensors"
        raise TraceError(
            f'"{path}" contains {contents}; loading it would execute code from the file. '
            "Save the tensors alone: torch.save(model.state_dict(), path)."
        ) from None
    except Exception as error:  # a damaged file may raise anything; none of its code has run
        reason = re.split(r"\. |\n", str(error) or type(error).__name__)[0].rstrip(".")
        raise TraceError(f'"{path}" is damaged, or not a torch.save file: {reason}.') from None


def _require_pickle(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if not start.startswith((PICKLE, ZIP)):
        raise TraceError(f'"{path}" is neither a torch.save file nor a safetensors file.')


def _require_tensors(path: Path) -> None:
    """Raise TraceError for a TorchScript program, which `torch.load` does not read."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("/constants.pkl") for name in archive.namelist()):
            raise TraceError(
                f'"{path}" is a program that torch.jit.save wrote. '
                "Save its tensors alone: torch.save(program.state_dict(), path)."
            )


def _tensor_dict(contents: Any, path: Path, within: str | None) -> Mapping[str, Any]:
    """The dict of tensors: the whole file, or the only one in it, or the one named `within`."""
    if not isinstance(contents, Mapping):
        raise TraceError(f'"{path}" contains a {type(contents).__name__}, not a dict of tensors.')
    inner: dict[str, Mapping[str, Any]] = {
        str(name): part for name, part in contents.items() if _has_tensors(part)
    }
    if within is not None:
        if within not in inner:
            raise TraceError(f'"{path}" has no dict "{within}". {suggestion(within, inner)}')
        return inner[within]
    if _has_tensors(contents):
        return contents
    if len(inner) != 1:
        which = f"several: name one with --within. {suggestion('', inner)}" if inner else "none."
        raise TraceError(f'"{path}" has to hold one dict of tensors, and holds {which}')
    return next(iter(inner.values()))


def _has_tensors(item: Any) -> bool:
    return isinstance(item, Mapping) and any(isinstance(part, Tensor) for part in item.values())


def _specs(tensors: Mapping[str, Any]) -> StateDict:
    return {
        str(name): TensorSpec(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in tensors.items()
        if isinstance(tensor, Tensor)
    }
