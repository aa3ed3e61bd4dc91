"""Where a run ended when the model raised an exception: the block, the line, the operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from traceback import walk_tb

from tracer.analysis import shape_mismatch
from tracer.analysis.stack_events import Owner, StackEvent, stack
from tracer.analysis.value_origin import StepLocation
from tracer.errors import error_text
from tracer.from_torch.capture.module_calls import CallTree
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.source.user_source import FileLine, UserSource
from tracer.from_torch.private_torch import (
    FAKE_TENSOR_PACKAGE,
    DataDependentOutputException,
    DynamicOutputShapeException,
)
from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class Failure:
    """The model's own exception, and where it was raised.

    `op` and `operands` are the torch call that raised it; None and empty where the model's own code
    did. `source_line` is the innermost line of the model's own source.
    """

    error: Exception
    block: str
    source_line: FileLine | None
    op: str | None = None
    operands: tuple[Value, ...] = ()


def failure_in(
    error: Exception, recorder: OpRecorder, calls: CallTree, source: UserSource
) -> Failure:
    """Return where a run ended with an exception of the model."""
    block = calls.last_error[1] if calls.last_error and calls.last_error[0] is error else ""
    failure = Failure(error, block, source.line_of(error))
    raised = recorder.last_error
    if raised is None or raised.error is not error:
        return failure
    return replace(failure, op=raised.op, operands=raised.operands)


VALUE_READERS = frozenset(
    (
        *("numpy", "tolist", "item", "data_ptr", "array", "bool", "int", "float", "index"),
        *("format", "tensor"),
    )
)
"""Operations that give the values of a tensor to Python."""

FAKE_TENSOR_MESSAGE = re.compile(r"FakeTensor|[Nn]o fake impl")
"""What PyTorch's messages about tensors without data contain."""


MISSING_DEVICE = re.compile(
    r"not compiled with (CUDA|XPU|MPS)|NVIDIA driver|not linked with support for|without ATen_cuda"
    r"|accelerator device when none|CUDA support|No CUDA GPUs|without MPS"
)
"""What PyTorch's messages about a device say that the machine does not have."""

ABSENT_DEVICE = (
    "  It needs a device that this machine does not have. Run the model where there is one, or "
    "make the call only if torch.cuda.is_available()."
)


def needs_data(failure: Failure) -> bool:
    """Whether the model failed only because the tensors that it ran on had no data."""
    return _reads_values(failure) or _is_about_fakes(failure)


def _reads_values(failure: Failure) -> bool:
    errors = (DataDependentOutputException, DynamicOutputShapeException)
    return isinstance(failure.error, errors) or failure.op in VALUE_READERS


def _is_about_fakes(failure: Failure) -> bool:
    """Whether torch itself does not support the operation without data."""
    error = failure.error
    if type(error).__module__.startswith(FAKE_TENSOR_PACKAGE):
        return True
    if FAKE_TENSOR_MESSAGE.search(error_text(error)):
        return True
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    module = frames[-1].f_globals.get("__name__", "") if frames else ""
    if isinstance(error, NotImplementedError):
        return failure.op is not None and module.startswith("torch.")
    return isinstance(error, AssertionError) and module.startswith(FAKE_TENSOR_PACKAGE)


def real_data_note(failure: Failure) -> str:
    """Return what a trace made on real numbers says about why it was.

    Args:
        failure: What ended the run without data.
    """
    line = _at(failure)
    if _reads_values(failure):
        return (
            f"The model reads the values of a tensor ({failure.op}{line}), so it was run on real "
            "numbers. With other numbers it may take another path, or have other shapes or "
            "constants."
        )
    operation = failure.op or "what is done"
    return (
        f"PyTorch cannot run {operation}{line} on tensors without data, so the model was run on "
        "real numbers."
    )


def failure_note(failure: Failure, trace: Trace) -> str:
    """Return the note that is added to the model's exception, in the terms of the model.

    Args:
        failure: The exception and where it was raised.
        trace: The trace up to there.

    Returns:
        The block, the line and the operation; for operands of different sizes, where the sizes
        began to differ; and what is on the stacks of the functions that were running.
    """
    return "\n".join(_sentences(failure, trace))


def _at(failure: Failure) -> str:
    return "" if failure.source_line is None else " at {}:{}".format(*failure.source_line)


def _sentences(failure: Failure, trace: Trace) -> Iterator[str]:
    block = trace.blocks.get(failure.block, trace.root)
    where = f"block {block.call}" if block.call else "the model itself"
    steps = _counted(len(trace.steps), "operation")
    yield f"unet-trace: raised in {where} ({block.kind}){_at(failure)}, after {steps}."
    if failure.op is not None:
        yield f"  Operation: {failure.op}({_operands(failure.operands)})"
    if MISSING_DEVICE.search(error_text(failure.error)):
        yield ABSENT_DEVICE
    yield from _size_mismatch(failure, trace)
    running = _running_functions(failure.error)
    for (_, function, _), pushes in _pushes_left(trace).items():
        if function in running:
            top = pushes[-1]
            yield (
                f"  The stack {top.name} holds {_counted(len(pushes), 'tensor')}; the top one is "
                f"{_shape(top.value)}, pushed at {top.file}:{top.line}."
            )


def _size_mismatch(failure: Failure, trace: Trace) -> Iterator[str]:
    """Which operand is the skip where sizes do not match, and where they began to differ."""
    at = StepLocation(failure.block, *(failure.source_line or (None, None)))
    message = error_text(failure.error)
    mismatch = shape_mismatch.find_shape_mismatch(
        trace, failure.op or "", failure.operands, at, message
    )
    if mismatch is None or mismatch.rounding is None:
        return
    skip_size, other_size = mismatch.sizes
    rounding, pushed = mismatch.rounding, mismatch.pushed
    line = f" at {rounding.at.file}:{rounding.at.line}" if rounding.at.file else ""
    yield (
        f"  The {'skip' if mismatch.is_skip else 'tensor'} from "
        f"{pushed.block or 'the model itself'} is {skip_size} there, the other "
        f"operand is {other_size}. The sizes began to differ in "
        f"{rounding.at.block or 'the model itself'}{line}, where {rounding.op} made "
        f"{rounding.after} of {rounding.before}."
    )


def _pushes_left(trace: Trace) -> dict[Owner, list[StackEvent]]:
    """The pushes that have not been popped, by the list that they are on."""
    by_owner: dict[Owner, list[StackEvent]] = {}
    for event in stack(trace):
        pushes = by_owner.setdefault(event.owner, [])
        if event.kind == "push":
            pushes.append(event)
        else:
            same = [push for push in pushes if push.value.name == event.value.name] or pushes
            if same:
                pushes.remove(same[-1])
    return {owner: pushes for owner, pushes in by_owner.items() if pushes}


def _running_functions(error: BaseException) -> set[str]:
    """The functions in the traceback. The lists of all other functions no longer exist."""
    return {frame.f_code.co_qualname for frame, _ in walk_tb(error.__traceback__)}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _operands(values: tuple[Value, ...]) -> str:
    return ", ".join(f"{value.name} {_shape(value)}" for value in values)


def _shape(value: Value) -> str:
    return "×".join(map(str, value.shape)) or "a scalar"
