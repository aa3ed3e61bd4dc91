"""Reads the names and shapes of the tensors in a checkpoint, and of those that a model loads.

Only shapes are read, and no code in a file is run: files of `torch.save` are unpickled with
``weights_only=True``, on ``meta``.
"""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from tracer.errors import TraceError, shortened, suggestion
from tracer.from_torch.checkpoints.file_format import format_of, whole_object_class
from tracer.from_torch.checkpoints.safetensors_header import read_header
from tracer.snapshot import TensorSpec

StateDict = Mapping[str, TensorSpec]
REFUSED_CLASS = re.compile(r"GLOBAL ([\w.]+)")
SAVE_TENSORS = "Save the tensors alone: torch.save(model.state_dict(), path)."
NESTING = 3
"""How many dicts inside each other are searched for tensors."""
MAX_SEARCHED = 20
"""How often the same dict is searched, which a file may name as often as it likes."""
MAX_INDEX_BYTES = 100 << 20
MAX_FILE_NAME = 255
OPTIMIZER_KEYS = {"state", "param_groups"}
EXTRA_STATE = "_extra_state"
"""The end of the key under which a module saves what is no tensor."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a checkpoint.

    `metadata` has the versions of the modules that saved them, which some modules ask for when they
    load. `within` is the dict of the file that holds the tensors, and `others` is what else is in
    the file.
    """

    tensors: StateDict
    metadata: Mapping[str, Any] = field(default_factory=dict)
    within: str = ""
    others: tuple[str, ...] = ()


def state_of(model: nn.Module) -> StateDict:
    """Return what `model.load_state_dict` expects: parameters and persistent buffers, by name.

    >>> state_of(nn.Linear(3, 8, bias=False))
    {'weight': TensorSpec(shape=(8, 3), dtype='float32')}
    """
    return specs_of(model.state_dict())


def read_checkpoint(path: Path, within: str | None = None) -> Checkpoint:
    """Return the shapes and dtypes of the tensors in a checkpoint, by name.

    Args:
        path: A safetensors file, a file of `torch.save`, or a ``.json`` index of several.
        within: The dict to read, for a file that holds several; a dict in a dict as ``a.b``.

    Raises:
        TraceError: The file has another format, is damaged, or holds objects other than tensors.
    """
    match format_of(path):
        case "index":
            return Checkpoint(_of_index(path))
        case "safetensors":
            return Checkpoint(read_header(path))
    return _checkpoint_in(_unpickled(path), path, within)


class ShardIndex(msgspec.Struct):
    """The index of a checkpoint that is split into several files."""

    weight_map: dict[str, str]


def _of_index(path: Path) -> StateDict:
    if path.stat().st_size > MAX_INDEX_BYTES:
        raise TraceError(f'"{path}" is no checkpoint index: it is too large for one.')
    try:
        files = msgspec.json.decode(path.read_bytes(), type=ShardIndex).weight_map
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise TraceError(f'"{path}" is not a checkpoint index: {error}.') from None
    specs: dict[str, TensorSpec] = {}
    for name in dict.fromkeys(files.values()):
        part = path.parent / Path(name).name  # beside the index, wherever it points
        beside = len(name) <= MAX_FILE_NAME and part.name == name and part.suffix != ".json"
        if not (beside and part.is_file()):
            shown = shortened(name)
            raise TraceError(f'"{path}" names "{shown}", and there is no such file beside it.')
        specs |= read_checkpoint(part).tensors
    return specs


def _unpickled(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old protocols, which it reads or refuses
            return torch.load(
                path, map_location="meta", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except pickle.UnpicklingError as error:
        raise TraceError(_refusal(path, error)) from None
    except Exception as error:  # a damaged file may raise anything; none of its code has run
        reason = re.split(r"\. |\n", str(error) or type(error).__name__)[0].rstrip(".")
        raise TraceError(f'"{path}" is damaged, or not a torch.save file: {reason}.') from None


def _refusal(path: Path, error: pickle.UnpicklingError) -> str:
    """What a file holds that cannot be read without running code."""
    whole = whole_object_class(path)
    if whole is not None:
        return (
            f'"{path}" contains a whole object of {whole}, as torch.save(model, path) writes it; '
            f"loading it would execute code from the file. {SAVE_TENSORS}"
        )
    refused = REFUSED_CLASS.search(str(error))
    contents = f"an object of {refused[1]}" if refused else "more than tensors"
    return (
        f'"{path}" contains {contents}; loading it would execute code from the file. {SAVE_TENSORS}'
    )


def _checkpoint_in(contents: Any, path: Path, within: str | None) -> Checkpoint:
    """The tensors of the whole file, of the only dict in it, or of the one named `within`."""
    if not isinstance(contents, Mapping):
        raise TraceError(f'"{path}" contains a {type(contents).__name__}, not a dict of tensors.')
    found = dict(_dicts_of_tensors(contents, Counter()))
    if within is not None:
        if within not in found:
            names = [name for name in found if name]
            raise TraceError(f'"{path}" has no dict "{within}". {suggestion(within, names)}')
        return _checkpoint(contents, found[within], within)
    if not found:
        raise TraceError(f'"{path}" {_contents(contents)}')
    if len(found) > 1:
        raise TraceError(
            f'"{path}" has to hold one dict of tensors, and holds several: name one with --within. '
            f"{suggestion('', found)}"
        )
    (name, tensors), *_ = found.items()
    return _checkpoint(contents, tensors, name)


def _checkpoint(contents: Mapping[str, Any], tensors: Mapping[str, Any], within: str) -> Checkpoint:
    first = within.partition(".")[0]
    others = tuple(str(name) for name in contents if str(name) != first) if within else ()
    metadata = getattr(tensors, "_metadata", None)
    return Checkpoint(
        specs_of(tensors), metadata if isinstance(metadata, Mapping) else {}, within, others
    )


def _dicts_of_tensors(
    contents: Mapping[Any, Any],
    searched: Counter[int],
    name: str = "",
    depth: int = NESTING,
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The dicts of tensors in a file by name: dicts inside the contents, or else the contents.

    An optimizer's state is none. A single tensor beside the dicts, such as a loss, makes none.
    """
    searched[id(contents)] += 1
    if _is_optimizer(contents) or searched[id(contents)] > MAX_SEARCHED:
        return
    inner = [
        found
        for key, part in contents.items()
        if isinstance(part, Mapping) and depth and not str(key).endswith(EXTRA_STATE)
        for found in _dicts_of_tensors(part, searched, f"{name}.{key}".lstrip("."), depth - 1)
    ]
    own = _tensor_count(contents)
    if own and own >= sum(_tensor_count(part) for _, part in inner):
        yield name, contents
    else:
        yield from inner


def _is_optimizer(contents: Mapping[Any, Any]) -> bool:
    return set(contents) >= OPTIMIZER_KEYS


def _tensor_count(item: Mapping[Any, Any]) -> int:
    return sum(isinstance(part, Tensor) for part in item.values())


def _contents(contents: Mapping[Any, Any]) -> str:
    """What a dict without tensors of a model holds."""
    if _is_optimizer(contents):
        return (
            "holds the state of an optimizer, which does not name the parameters of a model. "
            "Name the file with model.state_dict()."
        )
    kinds = ", ".join(f"{name} ({_kind(part)})" for name, part in contents.items())
    return f"has to hold one dict of tensors, and holds none. It holds {kinds or 'nothing'}."


def _kind(part: Any) -> str:
    if isinstance(part, Mapping) and _is_optimizer(part):
        return "the state of an optimizer"
    return type(part).__name__


def specs_of(tensors: Mapping[str, Any]) -> StateDict:
    """Return the shapes and dtypes of the tensors in a dict, by name."""
    return {
        str(name): TensorSpec(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        for name, tensor in tensors.items()
        if isinstance(tensor, Tensor)
    }
