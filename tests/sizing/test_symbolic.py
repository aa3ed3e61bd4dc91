"""tracer/sizing/symbolic.py: shapes as formulas, proved; a note on each that has none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from reference_model import Config
from tests.conftest import examples
from tests.from_torch import sized_models
from tests.from_torch.configurations import configurations, inputs, least, on_meta
from tests.from_torch.registry import Case, built, filled
from tests.from_torch.zoo import each_case, quiet, traced
from tracer.algebra.substitute import at
from tracer.record import Dim, Symbol, Trace

pytestmark = quiet


def symbolic(model: nn.Module, *shapes: tuple[int, ...], **options: Any) -> Trace:
    tensors = tuple(torch.empty(shape) for shape in shapes)
    return tracer.trace(model, tensors, symbolic=True, **options)


def made(trace: Trace, op: str) -> list[tuple[Dim, ...]]:
    """The shapes that operations of one name put out."""
    return [value.shape for step in trace.steps if step.op == op for value in step.outputs]


def same_steps(one: Trace, two: Trace) -> bool:
    """Whether two traces ran the same, on tensors of the same shapes, at the same cost."""

    def steps(trace: Trace) -> list[Any]:
        return [(s.op, [v.shape for v in s.outputs], s.flops, s.block) for s in trace.steps]

    return steps(one) == steps(two)


def test_every_shape_of_a_unet_is_a_formula() -> None:
    trace = symbolic(sized_models.Halves(), (2, 3, 16, 24))
    assert trace.notes == ()
    assert made(trace, "conv2d")[2] == ("B", 4, "H/4", "W/4")
    assert made(trace, "cat")[-1] == ("B", 8, "H", "W")
    assert trace.symbols == (Symbol("B", 2, 1), Symbol("H", 16, 4), Symbol("W", 24, 4))


def test_blocks_and_lines_hold_the_same_values_as_steps() -> None:
    trace = symbolic(sized_models.Halves(), (2, 3, 16, 24))
    assert trace.inputs[0].shape == ("B", 3, "H", "W")
    assert trace.blocks["downs.1"].outputs[0].shape == ("B", 4, "H/4", "W/4")
    pushed = [change.value.shape for line in trace.lines for change in line.changes]
    assert pushed[1] == ("B", 4, "H/2", "W/2")


def test_costs_are_formulas_too() -> None:
    trace = symbolic(sized_models.Halves(), (2, 3, 16, 24))
    costs = [step.flops for step in trace.steps if step.op == "conv2d"]
    assert costs[:2] == ["216*B*H*W", "32*B*H*W"]


def test_at_the_sizes_given_it_is_the_trace_in_numbers() -> None:
    model, x = sized_models.Halves(), torch.empty(2, 3, 16, 24)
    assert at(tracer.trace(model, x, symbolic=True)) == tracer.trace(model, x)


def test_sums_are_formulas_where_something_is_added_to_a_size() -> None:
    trace = symbolic(sized_models.Context(), (2, 8, 16, 16), (2, 77, 8))
    assert made(trace, "cat") == [("B", "H*W + 77", 8)]
    assert trace.steps[-1].flops == "32*B*H**2*W**2 + 2464*B*H*W"
    assert trace.notes == ()


def test_sizes_that_are_run_on_numbers_grow_as_little_as_shows_their_formulas() -> None:
    model = sized_models.Checked(sized_models.Rounds())
    trace = tracer.trace(model, torch.zeros(1, 3, 15, 15), symbolic=True)
    assert made(trace, "conv2d") == [
        ("B", 3, "H/2 + 1/2", "W/2 + 1/2"),
        ("B", 3, "H/4 + 1/4", "W/4 + 1/4"),
    ]


@pytest.mark.slow
def test_a_sum_that_looks_like_a_product_at_first_is_read_again() -> None:
    def channels(one: int, two: int, three: int) -> nn.Module:
        return sized_models.Sums(one, two, three)

    trace = tracer.trace(
        channels, torch.empty(1, 3, 32, 32), vary={"one": 32, "two": 64, "three": 128}
    )
    assert [shape[1] for shape in made(trace, "cat")] == ["three + two", "one + two"]
    assert [symbol.multiple for symbol in trace.symbols] == [1, 4, 4, 1, 1, 1]


def test_what_loses_a_rim_is_a_formula_for_sizes_at_equal_distances() -> None:
    trace = symbolic(sized_models.Valid(), (1, 3, 22, 30))
    assert made(trace, "cat") == [("B", 8, "H - 6", "W - 6")]
    assert [symbol.multiple for symbol in trace.symbols] == [1, 2, 2]
    assert at(trace, {"H": 40}).outputs[0].shape == (1, 8, 34, 24)


def test_the_user_names_axes() -> None:
    dims = {"x": ("N", "T", 4, "h", "w")}
    trace = symbolic(sized_models.Frames(), (1, 3, 4, 8, 8), dims=dims)
    assert made(trace, "conv2d") == [("N*T", 4, "h", "w")]
    assert trace.outputs[0].shape == ("N", "T", 4, "h", "w")


def test_frames_are_found_where_channels_cannot_vary() -> None:
    trace = symbolic(sized_models.Frames(), (1, 3, 4, 8, 8))
    assert trace.outputs[0].shape == ("B", "T", 4, "H", "W")


def test_an_axis_that_cannot_vary_stays_a_number_and_a_note_says_why() -> None:
    trace = symbolic(sized_models.Positions(), (2, 3, 8, 8))
    assert trace.outputs[0].shape == ("B", 3, 8, 8)
    assert Symbol("H", 8, 0) in trace.symbols
    (height, width) = trace.notes
    assert height.startswith("H is fixed at 8: at H = 16 the ")
    assert "fails" in height
    assert width.startswith("W is fixed at 8: ")


def test_two_axes_that_have_to_be_equal_have_one_name() -> None:
    trace = symbolic(sized_models.Square(), (2, 3, 8, 8))
    assert trace.outputs[0].shape == ("B", 3, "H", "H")
    assert trace.notes == ("W must equal H, so both are called H.",)


def test_a_batch_that_has_to_be_even_is_so() -> None:
    trace = symbolic(sized_models.Pairs(), (2, 3, 8, 8))
    assert trace.outputs[0].shape == ("B/2", 6, "H", "W")
    assert trace.symbols[0] == Symbol("B", 2, 2)


def test_other_operations_at_other_sizes_leave_a_number_and_say_where_they_part() -> None:
    trace = symbolic(sized_models.Loops(), (2, 3, 4, 8))
    assert trace.outputs[0].shape == ("B", 3, 4, "W")
    assert len(trace.notes) == 1
    assert (
        "the model runs other operations (sin instead of stack in the model itself at"
        in (trace.notes[0])
    )


def test_formulas_hold_for_the_sizes_that_take_the_same_path() -> None:
    trace = symbolic(sized_models.Pads(), (2, 3, 16, 24))
    assert [symbol.multiple for symbol in trace.symbols] == [1, 4, 4]
    assert made(trace, "cat")[-1] == ("B", 8, "H", "W")


def test_a_size_that_only_numbers_decide_has_a_name_of_its_own() -> None:
    trace = tracer.trace(sized_models.Chooses(), torch.arange(12.0).view(3, 4) - 5.5, symbolic=True)
    assert trace.outputs[0].shape == ("u1",)
    assert Symbol("u1", 6, 0) in trace.symbols
    assert any(note.startswith("u1 is 6 in this run and has no formula:") for note in trace.notes)


def test_an_image_smaller_than_the_least_is_no_reason_against_formulas() -> None:
    trace = symbolic(sized_models.Reflects(), (1, 3, 8, 8))
    assert trace.outputs[0].shape == ("B", 3, "H + 10", "W + 10")
    assert trace.notes == ()


def test_a_model_without_tensors_has_no_formulas() -> None:
    class Constant(nn.Module):
        def forward(self, size: int) -> Tensor:
            return torch.zeros(size)

    trace = tracer.trace(Constant(), {"size": 3}, symbolic=True)
    assert trace.outputs[0].shape == (3,)
    assert trace.symbols == ()


@pytest.mark.slow
@each_case
def test_the_zoo_is_formulas_that_give_its_numbers_again(one: Case) -> None:
    model, given_inputs = built(one.build), filled(one)
    trace = tracer.trace(model, given_inputs, symbolic=True)
    assert same_steps(at(trace), traced(one.name))
    assert_nothing_varies_in_silence(trace)


def assert_nothing_varies_in_silence(trace: Trace) -> None:
    """What is no formula has a note."""
    for symbol in trace.symbols:
        sentences = (
            f"{symbol.name} is fixed at {symbol.size}:",
            f"{symbol.name} is {symbol.size} in",
        )
        told = any(note.startswith(sentences) for note in trace.notes)
        assert told == (symbol.multiple == 0), symbol


@pytest.mark.slow
@examples(4)
@given(
    config=configurations(), batch=st.integers(1, 4), high=st.integers(2, 9), wide=st.integers(2, 9)
)
def test_formulas_of_any_configuration_hold_at_any_legal_sizes(
    config: Config, batch: int, high: int, wide: int
) -> None:
    model, step = on_meta(config), least(config)
    trace = tracer.trace(model, inputs(config, 1, 4 * step, 4 * step), symbolic=True)
    assert all(note.startswith("The formulas do not hold everywhere") for note in trace.notes)
    height, width = high * step, wide * step
    found = at(trace, {"B": batch, "H": height, "W": width})
    assert same_steps(found, tracer.trace(model, inputs(config, batch, height, width)))


@pytest.mark.slow
@examples(4)
@given(config=configurations(), more=st.integers(1, 3))
def test_channels_of_any_configuration_are_formulas_that_hold_for_others(
    config: Config, more: int
) -> None:
    def built(ch: int) -> nn.Module:
        return on_meta(replace(config, ch=ch))

    given_inputs = inputs(config, 1, 16, 24)
    trace = tracer.trace(built, given_inputs, vary={"ch": config.ch})
    (channels,) = (symbol for symbol in trace.symbols if symbol.name == "ch")
    ch = config.ch + more * channels.multiple
    found = at(trace, {"ch": ch})
    assert channels.multiple == 32
    assert same_steps(found, tracer.trace(built(ch), given_inputs))
