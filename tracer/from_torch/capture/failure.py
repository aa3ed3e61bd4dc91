"""Where a run ended when the model raised an exception: the block, the line, the operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from traceback import walk_tb

from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
)

from tracer.analysis import shape_mismatch
from tracer.analysis.stack_events import Owner, StackEvent, stack
from tracer.from_torch.capture.user_source import SourceLine
from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class Failure:
    """The model's own exception, and what it ended.

    `op` and `operands` are the torch call that raised it; None and empty where the model's own code
    did. `place` is the innermost line of the model's own source.
    """

    error: Exception
    block: str
    place: SourceLine | None
    op: str | None = None
    operands: tuple[Value, ...] = ()


READERS = frozenset(
    (
        *("numpy", "tolist", "item", "data_ptr", "array", "bool", "int", "float", "index"),
        *("format", "tensor"),
    )
)
"""Operations that hand the numbers of a tensor to Python."""

FAKES = "torch._subclasses."
NAMES_FAKES = re.compile(r"FakeTensor|[Nn]o fake impl")
"""How PyTorch speaks of tensors without data."""


def needs_data(failure: Failure) -> bool:
    """Whether the model failed only because the tensors that it ran on had no data."""
    return _asks_for_values(failure) or _is_of_fakes(failure)


def _asks_for_values(failure: Failure) -> bool:
    missing = (DataDependentOutputException, DynamicOutputShapeException)
    return isinstance(failure.error, missing) or failure.op in READERS


def _is_of_fakes(failure: Failure) -> bool:
    """Whether torch itself cannot do without data what the model asked for."""
    error = failure.error
    if type(error).__module__.startswith(FAKES) or NAMES_FAKES.search(str(error)):
        return True
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    module = frames[-1].f_globals.get("__name__", "") if frames else ""
    if isinstance(error, NotImplementedError):
        return failure.op is not None and module.startswith("torch.")
    return isinstance(error, AssertionError) and module.startswith(FAKES)


def data_note(failure: Failure) -> str:
    """What a trace says that was made on real numbers, because `failure` ended the one without."""
    place = "" if failure.place is None else " at {}:{}".format(*failure.place)
    if _asks_for_values(failure):
        return (
            f"The values of a tensor decide what runs ({failure.op}{place}), so the model was run "
            "on real numbers. With other numbers it may take another path, or have other shapes."
        )
    what = failure.op or "what is done"
    return (
        f"PyTorch cannot run {what}{place} on tensors without data, so the model was run on real "
        "numbers."
    )


def note(failure: Failure, trace: Trace) -> str:
    """What to tell beside the exception itself, in the terms of the model."""
    return "\n".join(_sentences(failure, trace))


def _sentences(failure: Failure, trace: Trace) -> Iterator[str]:
    block = trace.blocks.get(failure.block, trace.root)
    where = f"block {block.call}" if block.call else "the model itself"
    line = "" if failure.place is None else " at {}:{}".format(*failure.place)
    count = len(trace.steps)
    ran = f"{count} operation" if count == 1 else f"{count} operations"
    yield f"unet-trace: raised in {where} ({block.kind}){line}, after {ran}."
    if failure.op is not None:
        yield f"  The operation was {failure.op} of {_operands(failure.operands) or 'no tensors'}."
    yield from _parted(failure, trace)
    running = _running(failure.error)
    for (_, function, _), pushes in on_the_stack(trace).items():
        top = pushes[-1]
        if function not in running:
            continue
        yield (
            f"  On the stack {top.name}: {len(pushes)}, the top one {_shape(top.value)}, "
            f"pushed at {top.file}:{top.line}."
        )


def _parted(failure: Failure, trace: Trace) -> Iterator[str]:
    """Of operands that do not fit, which one waited, and where their sizes parted."""
    at = shape_mismatch.StepLocation(failure.block, *(failure.place or (None, None)))
    found = shape_mismatch.find_shape_mismatch(trace, failure.op or "", failure.operands, at)
    if found is None or found.rounding is None:
        return
    waited, come = found.sizes
    rounding, pushed = found.rounding, found.pushed
    line = f" at {rounding.at.file}:{rounding.at.line}" if rounding.at.file else ""
    yield (
        f"  The skip of {pushed.block or 'the model itself'} is {waited} there, what came up is "
        f"{come}: they parted in {rounding.at.block or 'the model itself'}{line}, where "
        f"{rounding.op} made {rounding.after} of {rounding.before}."
    )


def on_the_stack(trace: Trace) -> dict[Owner, list[StackEvent]]:
    """The pushes that nothing has popped yet, by the list that they are on."""
    waiting: dict[Owner, list[StackEvent]] = {}
    for event in stack(trace):
        pushes = waiting.setdefault(event.owner, [])
        if event.kind == "push":
            pushes.append(event)
        else:
            same = [push for push in pushes if push.value.name == event.value.name] or pushes
            if same:
                pushes.remove(same[-1])
    return {owner: pushes for owner, pushes in waiting.items() if pushes}


def _running(error: BaseException) -> set[str]:
    """The functions that an exception passed through: the lists of all others are gone."""
    return {frame.f_code.co_qualname for frame, _ in walk_tb(error.__traceback__)}


def _operands(values: tuple[Value, ...]) -> str:
    return " and ".join(f"{value.name} {_shape(value)}" for value in values)


def _shape(value: Value) -> str:
    return "×".join(map(str, value.shape)) or "a scalar"
