"""Finds where the snapshot of a lock file contradicts itself: sizes, formulas, dtypes, names."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.algebra.polynomial import FormulaError, parse
from tracer.errors import shortened
from tracer.frame_checks import MAX_SIZE
from tracer.record import Dim
from tracer.snapshot.specs import Snapshot, TensorSpec
from tracer.trace_checks import DTYPE, MAX_COUNT, MAX_RANK


def snapshot_problem(snapshot: Snapshot) -> str | None:
    """Return the first thing that is wrong in a snapshot, with its place; None if nothing is.

    >>> from tracer.snapshot.specs import BlockSpec
    >>> image = TensorSpec((1, "H**99"), "float32")
    >>> snapshot_problem(Snapshot("", BlockSpec("", "Net", (image,), (), 0), (), ()))
    "model: 'H**99' is not a formula: an exponent is at most 64"
    """
    for block in (snapshot.model, *snapshot.blocks):
        place = f"blocks: {shortened(block.call)}" if block.call else "model"
        problem = tensor_problem((*block.inputs, *block.outputs, *block.weights))
        if problem:
            return f"{place}: {problem}"
    problem = _flops_problem(snapshot.model.flops)
    if problem:
        return f"totals: flops: {problem}"
    if max(snapshot.model.parameters, snapshot.buffers) > MAX_COUNT:
        return "totals: a number is out of range"
    return _skip_problem(snapshot)


def tensor_problem(tensors: Iterable[TensorSpec]) -> str | None:
    """Return what is wrong with one of these tensors; None if nothing is."""
    for tensor in tensors:
        if not DTYPE.fullmatch(tensor.dtype):
            return f'"{shortened(tensor.dtype)}" is not a dtype'
        if len(tensor.shape) > MAX_RANK:
            return f"a tensor has more than {MAX_RANK} dimensions"
        problem = next(filter(None, map(_size_problem, tensor.shape)), None)
        if problem:
            return problem
    return None


def _size_problem(size: Dim) -> str | None:
    if isinstance(size, int):
        return None if 0 <= size <= MAX_SIZE else "a size is out of range"
    try:
        formula = parse(size.replace("·", "*"))
    except FormulaError as error:
        return str(error).rstrip(".")
    return f'"{shortened(size)}" is no size' if formula.is_number else None


def _flops_problem(flops: Dim | None) -> str | None:
    if isinstance(flops, int):
        return None if flops <= MAX_COUNT else "the number is out of range"
    if flops is None:
        return None
    try:
        parse(flops)
    except FormulaError as error:
        return str(error).rstrip(".")
    return None


def _skip_problem(snapshot: Snapshot) -> str | None:
    calls = {"", *(block.call for block in snapshot.blocks)}
    for skip in snapshot.skips:
        unknown = next((name for name in (skip.source, skip.target) if name not in calls), None)
        if unknown is not None:
            return f'skips: no block has the name "{shortened(unknown)}"'
        problem = tensor_problem([skip.tensor])
        if problem:
            return f"skips: {problem}"
    return None
