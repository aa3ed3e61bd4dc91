"""The names and shapes of the tensors in a checkpoint, and of those that a model would load.

Nothing but shapes is read, and no code in a file is run: PyTorch's own files are unpickled with
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
from tracer.from_torch.checkpoints.safetensors_header import header_of
from tracer.snapshot import TensorSpec

StateDict = Mapping[str, TensorSpec]
REFUSED = re.compile(r"GLOBAL ([\w.]+)")
PICKLE, ZIP = b"\x80", b"PK\x03\x04"
"""How files of torch.save begin, those of old versions and those of new ones."""


def state_of(model: nn.Module) -> StateDict:
    """What `model.load_state_dict` asks for: parameters and persistent buffers, by name."""
    return _specs(model.state_dict())


def read_checkpoint(path: Path, within: str | None = None) -> StateDict:
    """The tensors of a file by name: ``.safetensors``, of `torch.save`, or the index of several.

    `within` names the dict to look in, for a file that holds several. Raises TraceError for a file
    that is none of these, or holds objects that only its own code could make.
    """
    if path.suffix == ".json":
        return _of_index(path)
    if path.suffix == ".safetensors":
        return header_of(path)
    return _specs(_dict_of(_unpickled(path), path, within))


class Index(msgspec.Struct):
    """The index of a checkpoint that is divided into several files."""

    weight_map: dict[str, str]


def _of_index(path: Path) -> StateDict:
    try:
        files = msgspec.json.decode(path.read_bytes(), type=Index).weight_map
    except (msgspec.MsgspecError, RecursionError) as error:
        raise TraceError(f'"{path}" is no index of a checkpoint: {error}.') from None
    found: dict[str, TensorSpec] = {}
    for name in dict.fromkeys(files.values()):
        part = path.parent / Path(name).name  # beside the index, wherever it points
        if part.name != name or part.suffix == ".json" or not part.is_file():
            raise TraceError(f'"{path}" names "{name}", and there is no such file beside it.')
        found |= read_checkpoint(part)
    return found


def _unpickled(path: Path) -> Any:
    _require_pickle(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old protocols: it reads them, or says it cannot
            _require_tensors(path)
            return torch.load(
                path, map_location="meta", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except TraceError:
        raise
    except pickle.UnpicklingError as error:
        refused = REFUSED.search(str(error))
        what = f"an object of {refused[1]}" if refused else "more than tensors"
        raise TraceError(
            f'"{path}" holds {what}, which only its own code could make, and that is not run. '
            "Save the tensors alone: torch.save(model.state_dict(), path)."
        ) from None
    except Exception as error:  # a damaged file fails anywhere in the readers; no code of it ran
        said = re.split(r"\. |\n", str(error) or type(error).__name__)[0].rstrip(".")
        raise TraceError(f'"{path}" is damaged, or no file of torch.save: {said}.') from None


def _require_pickle(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if not start.startswith((PICKLE, ZIP)):
        raise TraceError(f'"{path}" is no file of torch.save, nor one of safetensors.')


def _require_tensors(path: Path) -> None:
    """Raise TraceError for a program, which only PyTorch's own loader of programs reads."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("/constants.pkl") for name in archive.namelist()):
            raise TraceError(
                f'"{path}" is a program that torch.jit.save wrote. '
                "Save its tensors alone: torch.save(program.state_dict(), path)."
            )


def _dict_of(found: Any, path: Path, within: str | None) -> Mapping[str, Any]:
    """The dict of tensors: the whole file, or the only one in it, or the one that was named."""
    if not isinstance(found, Mapping):
        raise TraceError(f'"{path}" holds a {type(found).__name__}, and no dict of tensors.')
    inner: dict[str, Mapping[str, Any]] = {
        str(name): part for name, part in found.items() if _has_tensors(part)
    }
    if within is not None:
        if within not in inner:
            raise TraceError(f'"{path}" has no dict "{within}". {suggestion(within, inner)}')
        return inner[within]
    if _has_tensors(found):
        return found
    if len(inner) != 1:
        which = f"several: name one with --within. {suggestion('', inner)}" if inner else "none."
        raise TraceError(f'"{path}" is to hold one dict of tensors, and holds {which}')
    return next(iter(inner.values()))


def _has_tensors(found: Any) -> bool:
    return isinstance(found, Mapping) and any(isinstance(part, Tensor) for part in found.values())


def _specs(tensors: Mapping[str, Any]) -> StateDict:
    return {
        str(name): TensorSpec(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in tensors.items()
        if isinstance(tensor, Tensor)
    }
