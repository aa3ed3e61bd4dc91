"""When a model fails, its own exception arrives as it is, with a note that says where it was."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.from_torch.failing_models import (
    AlwaysTheSame,
    Checks,
    Collects,
    FirstInFirstOut,
    Join,
    NoScalar,
    OddSize,
    Recovers,
    Refuses,
)
from tests.from_torch.zoo import lines_with, source
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import record

FILE = "tests/from_torch/failing_models.py"


def line_of(kind: type, text: str = "# fails") -> int:
    """The number of the first line of a class that holds a text."""
    start = lines_with(FILE, f"class {kind.__name__}(")[0]
    return next(number for number in lines_with(FILE, text) if number > start)


def note_of(model: nn.Module, x: Tensor) -> str:
    with pytest.raises(Exception, match=r".") as caught:
        tracer.trace(model, x)
    (note,) = caught.value.__notes__
    return str(note)


def test_the_note_says_which_block_line_operation_and_what_was_on_the_stack() -> None:
    fails, pushed = line_of(Join), line_of(OddSize, "# push hs")
    rounded = line_of(OddSize, "x = layer(x)")
    assert note_of(OddSize(), torch.ones(2, 3, 18, 18)) == (
        f"unet-trace: raised in block ups.0 (Join) at {FILE}:{fails}, after 5 operations.\n"
        "  Operation: cat(interpolate 2×4×10×10, conv2d_1 2×4×9×9)\n"
        "  The skip from downs.1 is 9 there, the other operand is 10. "
        "The sizes began to differ in downs.2 at "
        f"{FILE}:{rounded}, where conv2d made 5 of 9.\n"
        f"  The stack hs holds 1 tensor; the top one is 2×4×18×18, pushed at {FILE}:{pushed}."
    )


def test_a_model_that_raises_itself_has_no_operation_to_blame() -> None:
    assert note_of(Refuses(), torch.ones(2, 3)) == (
        f"unet-trace: raised in block inner.a (Checks) at {FILE}:{line_of(Checks)}, "
        "after 1 operation."
    )


def test_an_operand_without_dimensions_is_called_a_scalar() -> None:
    assert note_of(NoScalar(), torch.ones(2, 3)).splitlines()[1] == ("  Operation: view(expand 3)")

    class Fails(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean().view(5)

    assert note_of(Fails(), torch.ones(2, 3)).splitlines()[1] == (
        "  Operation: view(mean a scalar)"
    )


def test_a_list_whose_function_has_returned_is_no_stack_any_more() -> None:
    assert note_of(Collects(), torch.ones(2, 3, 8, 8)).splitlines()[1:] == [
        "  Operation: view(add_1 a scalar)"
    ]


def test_what_was_taken_from_the_front_does_not_wait_any_more() -> None:
    pushed = line_of(FirstInFirstOut, "# push kept")
    note = note_of(FirstInFirstOut(), torch.ones(2, 3, 3))
    assert note.splitlines()[-1] == (
        f"  The stack kept holds 2 tensors; the top one is 2×3×3, pushed at {FILE}:{pushed}."
    )


def test_a_call_with_wrong_arguments_is_raised_in_the_model_itself() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'y'") as caught:
        tracer.trace(Refuses(), {"x": torch.ones(1), "y": 2})
    assert caught.value.__notes__ == [
        "unet-trace: raised in the model itself (Refuses), after 0 operations."
    ]


def test_the_exception_is_the_models_own() -> None:
    model = AlwaysTheSame()
    with pytest.raises(ValueError, match="never") as caught:
        tracer.trace(model, torch.ones(2, 3))
    assert caught.value is model.error
    assert caught.value.__cause__ is None
    assert source(FILE)[caught.traceback[-1].lineno].strip() == "raise self.error"


def test_a_second_failure_adds_no_second_note() -> None:
    model = AlwaysTheSame()
    for _ in range(2):
        with pytest.raises(ValueError, match="never"):
            tracer.trace(model, torch.ones(2, 3))
    assert len(model.error.__notes__) == 1


def test_what_ran_before_the_failure_is_kept() -> None:
    recording = record(OddSize(), torch.ones(2, 3, 18, 18))
    assert isinstance(recording.error, (RuntimeError, AssertionError))
    trace = to_trace(recording)
    assert [step.op for step in trace.steps] == [
        "conv2d",
        "conv2d",
        "conv2d",
        "silu",
        "interpolate",
    ]
    calls = [block.call for block in trace.root.walk()]
    assert calls == ["", "downs.0", "downs.1", "downs.2", "ups.0"]
    assert (trace.blocks["ups.0"].outputs, trace.outputs) == ((), ())
    assert (trace.root.first, trace.root.last) == (0, 5)
    kinds = [event.kind for event in tracer.stack(trace)]
    assert kinds == ["push", "push", "push", "pop", "pop"]


def test_a_partial_trace_ends_at_the_line_that_failed() -> None:
    trace = to_trace(record(OddSize(), torch.ones(2, 3, 18, 18)))
    calling, failing = (source(FILE)[line.line - 1] for line in trace.lines[-2:])
    assert "hs.pop())" in calling
    assert "# fails" in failing
    assert (len(trace.steps), trace.missed) == (5, 1)


def test_no_operation_is_missed_where_the_model_raises_itself() -> None:
    trace = to_trace(record(Refuses(), torch.ones(2, 3)))
    assert (len(trace.steps), trace.missed) == (1, 0)


def test_an_error_that_the_model_catches_is_none() -> None:
    trace = tracer.trace(Recovers(), torch.ones(2, 3, 4, 4))
    assert [step.op for step in trace.steps][:2] == ["view", "add"]
    assert trace.steps[-1].op == "conv2d"
    assert [block.call for block in trace.root.children] == ["checks", "conv"]
    assert trace.outputs == trace.steps[-1].outputs


def test_an_error_that_the_model_catches_leaves_nothing_in_the_graph() -> None:
    model = Recovers()
    x = torch.randn(2, 3, 4, 4)
    with torch.no_grad():
        assert torch.equal(tracer.graph(model, x)(x), model(x))
