"""What a call of a block returned, as it is made again from other arguments like those it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.memo.block_state import COMPARED_TYPES, WRITTEN_TYPES
from tracer.from_torch.capture.results.cached_result import (
    NewTensor,
    ResultSpec,
    UncacheableError,
    to_cached,
)
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.from_torch.capture.value_table import storage_of
from tracer.from_torch.private_torch import FakeTensor


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tensor is in a result."""

    number: int


@dataclass(frozen=True, slots=True)
class ResultShape:
    """A tensor, a plain value, or a tuple of these."""

    form: Any
    """The result with a place for each tensor."""
    tensors: tuple[ResultSpec, ...]
    """How each tensor is made; one that occurs twice is listed once."""

    @staticmethod
    def of(
        result: Any, arguments: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> tuple[ResultShape, list[Tensor]]:
        """Return the shape of a result, and the tensors in it.

        Args:
            result: What the call returned.
            arguments: The tensors among its arguments.
            weights: The parameters and buffers of the block.

        Raises:
            UncacheableError: The result cannot be made again from other arguments like these.
        """
        tensors: list[Tensor] = []
        form = _form(result, tensors)
        specs = to_cached(tensors, arguments, None).parts if tensors else ()
        kept = set(map(storage_of, weights)) if tensors else set()
        for tensor, spec in zip(tensors, specs, strict=True):
            is_new = isinstance(spec, NewTensor)
            if storage_of(tensor) in kept or (is_new and not _fills_its_storage(tensor)):
                raise UncacheableError
        return ResultShape(form, specs), tensors

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> list[Tensor]:
        """Return the tensors of another result."""
        return [spec.make(arguments, fakes) for spec in self.tensors]

    def filled(self, tensors: Sequence[Tensor]) -> Any:
        """Return a result with these tensors."""
        return _filled(self.form, tensors)


def _fills_its_storage(tensor: Tensor) -> bool:
    size = tensor.untyped_storage().nbytes()
    return tensor.storage_offset() == 0 and size == tensor.numel() * tensor.element_size()


def _form(item: Any, tensors: list[Tensor]) -> Any:
    kind = type(item)
    if kind is FakeTensor:
        number = next((i for i, one in enumerate(tensors) if one is item), len(tensors))
        if number == len(tensors):
            tensors.append(item)
        return _Place(number)
    if kind in COMPARED_TYPES or kind in WRITTEN_TYPES:
        return item
    if kind is tuple:
        return tuple([_form(part, tensors) for part in item])
    raise UncacheableError  # a list may be one that the module keeps


def _filled(form: Any, tensors: Sequence[Tensor]) -> Any:
    kind = type(form)
    if kind is _Place:
        return tensors[form.number]
    return tuple([_filled(part, tensors) for part in form]) if kind is tuple else form
