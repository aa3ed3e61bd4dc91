"""Loads a checkpoint into a copy of the model, to see what `load_state_dict` makes of its keys.

Modules rename keys as they load (a parametrization takes those of the old weight norm), fill in
keys that old files lack, and drop some. So what fits is asked of the model itself: a copy of it
without data loads tensors that have only a shape.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from tracer.errors import error_text
from tracer.from_torch.checkpoints.checkpoint_reader import Checkpoint, StateDict, state_of
from tracer.from_torch.model_copy import copy_model
from tracer.snapshot import TensorSpec

ZEROS_BUDGET = 2**26
"""The most elements that are loaded with data: 256 MB of float32."""
LOAD_ERROR = "Error(s) in loading state_dict"
SIZE_MISMATCH = "size mismatch for "


@dataclass(frozen=True, slots=True)
class TrialLoad:
    """What a model made of a checkpoint, as two dicts that agree where the model loads a tensor.

    `model` lacks what the model does without. `file` has the model's keys. `renamed` has the keys
    of the model by those of the file that differ. `errors` is what else the model said.
    """

    model: StateDict
    file: StateDict
    renamed: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def try_load(model: nn.Module, checkpoint: Checkpoint, prefix: str = "") -> TrialLoad:
    """Return what `load_state_dict` of a model makes of a checkpoint.

    Args:
        model: The model; it is not changed.
        checkpoint: The checkpoint.
        prefix: Only keys with this prefix are loaded, without it.

    >>> old = {"weight_g": TensorSpec((4, 1), "float32"), "weight_v": TensorSpec((4, 3), "float32")}
    >>> new = nn.utils.parametrizations.weight_norm(nn.Linear(3, 4, bias=False))
    >>> try_load(new, Checkpoint(old)).renamed
    {'weight_g': 'parametrizations.weight.original0', \
'weight_v': 'parametrizations.weight.original1'}
    """
    file = {
        key.removeprefix(prefix): spec
        for key, spec in checkpoint.tensors.items()
        if key.startswith(prefix)
    }
    metadata = {
        path.removeprefix(prefix): version
        for path, version in checkpoint.metadata.items()
        if f"{path}.".startswith(prefix)
    }
    for make in (_without_data, _with_zeros):
        found = _try(model, file, metadata, make)
        if found is not None:
            return found
    return TrialLoad(state_of(model), file)


def _without_data(spec: TensorSpec) -> Tensor:
    return torch.empty(_sizes(spec), dtype=getattr(torch, spec.dtype), device="meta")


def _with_zeros(spec: TensorSpec) -> Tensor:
    return torch.zeros(_sizes(spec), dtype=getattr(torch, spec.dtype))


def _sizes(spec: TensorSpec) -> tuple[int, ...]:
    return tuple(map(int, spec.shape))


def _try(
    model: nn.Module,
    file: StateDict,
    metadata: Mapping[str, Any],
    make: Callable[[TensorSpec], Tensor],
) -> TrialLoad | None:
    """The outcome of one way to load, or None if the model cannot be loaded that way."""
    if make is _with_zeros and _elements(file) + _elements(state_of(model)) > ZEROS_BUDGET:
        return None
    load = ObservedLoad()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            copy = _copy(model, make)
            state = OrderedDict((key, make(spec)) for key, spec in file.items())
            state._metadata = metadata  # type: ignore[attr-defined]
            load.observe(copy, state)
            copy.load_state_dict(state, strict=False)
    except Exception as error:
        if not error_text(error).startswith(LOAD_ERROR):
            return None
    return load.outcome(copy, file)


def _elements(state: StateDict) -> int:
    return sum(prod(_sizes(spec)) for spec in state.values())


def _copy(model: nn.Module, make: Callable[[TensorSpec], Tensor]) -> nn.Module:
    """A copy of a model with other tensors of the same shapes."""
    memo: dict[int, Any] = {}
    for tensor in (*model.parameters(), *model.buffers()):
        if is_lazy(tensor):
            continue
        dtype = str(tensor.dtype).removeprefix("torch.")
        new = make(TensorSpec(tuple(tensor.shape), dtype))
        is_parameter = isinstance(tensor, nn.Parameter)
        memo[id(tensor)] = nn.Parameter(new, tensor.requires_grad) if is_parameter else new
    return copy_model(model, memo)


class ObservedLoad:
    """Observes from inside what each module finds when it loads."""

    def __init__(self) -> None:
        self.incompatible: tuple[list[str], list[str]] = ([], [])
        """The keys that are missing and unexpected."""
        self._messages: list[str] = []
        self._expected: dict[str, TensorSpec] = {}
        """What the modules look for, by key."""
        self._found: dict[str, Tensor] = {}
        """What they find, by the same keys."""
        self._prefixes: set[str] = set()
        self._file_keys: dict[int, str] = {}
        self._originals: dict[str, str] = {}
        """The key in the file of each key that a module saw."""
        self._state: Mapping[str, Tensor] = {}

    def observe(self, model: nn.Module, state: Mapping[str, Tensor]) -> None:
        """Observe a model, after the hooks that it has itself."""
        self._state = state  # keeps the tensors alive, so that their ids stay unique
        self._file_keys = {id(tensor): key for key, tensor in state.items()}
        for module in model.modules():
            module.register_load_state_dict_pre_hook(self._before)

    def _before(  # noqa: PLR0913, PLR0917 - what PyTorch calls a hook with
        self,
        module: nn.Module,
        state: Mapping[str, Any],
        prefix: str,
        metadata: object,
        strict: object,
        missing: list[str],
        unexpected: list[str],
        messages: list[str],
    ) -> None:
        self.incompatible, self._messages = (missing, unexpected), messages
        self._prefixes.add(prefix)
        for key, tensor in state.items():
            if id(tensor) in self._file_keys:
                self._originals[key] = self._file_keys[id(tensor)]
        own = {**module._parameters, **module._buffers}
        for name, tensor in own.items():
            if tensor is None or name in module._non_persistent_buffers_set:
                continue
            key = f"{prefix}{name}"
            self._expected[key] = _spec(tensor)
            if isinstance(state.get(key), Tensor):
                self._found[key] = state[key]

    def outcome(self, model: nn.Module, file: StateDict) -> TrialLoad:
        """Return what the model made of the file, after it was loaded."""
        missing, unexpected = self.incompatible
        known = {
            key: spec
            for key, spec in state_of(model).items()
            if f"{key.rpartition('.')[0]}.".lstrip(".") not in self._prefixes
        }
        expected = {**self._expected, **known}
        found = {key: _spec(tensor) for key, tensor in self._found.items()}
        found |= {key: file.get(key, spec) for key, spec in known.items() if key not in missing}
        scalars = {key for key, spec in expected.items() if not spec.shape}
        for key in scalars & found.keys():
            if found[key].shape == (1,):  # files of PyTorch 0.3, which the model accepts
                found[key] = expected[key]
        originals = {self._originals.get(key, key): key for key in unexpected}
        others = {key: file[key] for key in originals if key in file}
        renamed = {
            original: key
            for key, tensor in self._found.items()
            if (original := self._file_keys.get(id(tensor), key)) != key
        }
        return TrialLoad(
            model={k: spec for k, spec in expected.items() if k in found or k in missing},
            file=found | others,
            renamed=renamed,
            errors=tuple(one for one in self._messages if not one.startswith(SIZE_MISMATCH)),
        )


def _spec(tensor: Tensor) -> TensorSpec:
    return TensorSpec(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
