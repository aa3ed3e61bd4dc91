"""Which axes of the inputs are free to vary, and what their sizes are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from tracer.errors import TraceError, suggestion
from tracer.from_torch.arguments import map_tensors, tensors_in

Axis = str | int
Dims = Mapping[str, Sequence[Axis]]

SPACE = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""The names of the axes behind batch and channels, by their number."""

FEATURE_MAP_RANK = 3


class Axes:
    """The inputs of a model, with names for those of their sizes that may vary.

    `sizes` are the sizes by name as given. Raises TraceError for names that do not fit the inputs.
    """

    def __init__(self, inputs: Mapping[str, Any], dims: Dims | None = None) -> None:
        self._inputs = inputs
        self._names = dict(self._named(dims) if dims else self._proposed())
        self.sizes: dict[str, int] = {}
        for tensor, names in self._by_tensor():
            for name, size in zip(names, tensor.shape, strict=True):
                self._note(name, int(size))

    def _note(self, name: Axis, size: int) -> None:
        if isinstance(name, int):
            if name != size:
                raise TraceError(f"An axis is said to be {name}, and it is {size}. Correct --dims.")
        elif self.sizes.setdefault(name, size) != size:
            raise TraceError(
                f"{name} is {self.sizes[name]} in one place and {size} in another. Give the two "
                "axes different names, or the inputs equal sizes."
            )

    def _by_tensor(self) -> Iterator[tuple[Tensor, Sequence[Axis]]]:
        for tensor in tensors_in(tuple(self._inputs.values())):
            yield tensor, self._names.get(id(tensor), tuple(map(int, tensor.shape)))

    def _named(self, dims: Dims) -> Iterator[tuple[int, Sequence[Axis]]]:
        """The names that the user gave, by the id of the tensor."""
        for name, axes in dims.items():
            if name not in self._inputs:
                known = suggestion(name, self._inputs)
                raise TraceError(f'The model has no input "{name}" to name the axes of. {known}')
            tensor = next(tensors_in(self._inputs[name]), None)
            if tensor is None or tensor.dim() != len(axes):
                rank = "no tensor" if tensor is None else f"{tensor.dim()} axes"
                raise TraceError(f'"{name}" has {rank}, and {len(axes)} are named.')
            yield id(tensor), tuple(axes)

    def _proposed(self) -> Iterator[tuple[int, Sequence[Axis]]]:
        """B for the first axis of all, and L, H and W, or D, H and W for those of space."""
        tensors = list(tensors_in(tuple(self._inputs.values())))
        main = next((one for one in tensors if one.dim() >= FEATURE_MAP_RANK), None)
        for tensor in tensors if main is not None else ():
            yield id(tensor), tuple(_names(tensor, main))

    def at(self, sizes: Mapping[str, int]) -> dict[str, Any]:
        """The inputs at other sizes, without data."""

        def resized(tensor: Tensor) -> Tensor:
            names = self._names.get(id(tensor), tuple(map(int, tensor.shape)))
            shape = [sizes[name] if isinstance(name, str) else name for name in names]
            return torch.empty(shape, dtype=tensor.dtype, device="meta")

        return {name: map_tensors(item, resized) for name, item in self._inputs.items()}


def _names(tensor: Tensor, main: Tensor) -> Iterator[Axis]:
    space = SPACE.get(main.dim() - 2, ())
    for axis, size in enumerate(map(int, tensor.shape)):
        if axis == 0 and size == main.shape[0]:
            yield "B"
        elif axis >= 2 and tensor.dim() == main.dim() and size == main.shape[axis] and space:  # noqa: PLR2004
            yield space[axis - 2]
        else:
            yield size
