"""Formulas of toy models that split batches, round, cap and pad: right at every legal size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.sizing import toy_runner as toys
from tests.sizing.toy_runner import ToyError, ToyModel, ToyRun, ToyRunner, axes_of, base_of
from tracer.algebra.substitute import at
from tracer.record import Trace, Value
from tracer.sizing.rule_search import find_size_rules
from tracer.sizing.size_verdict import SizeVerdict, reach_verdict
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.symbolic import symbolic_trace

BATCHES = (1, 2, 3, 4, 5, 7, 8, 12, 33, 101)

SizeFunction = Callable[[int], int]

SIZE_FUNCTIONS: dict[str, SizeFunction] = {
    "floor half": lambda size: size // 2,
    "ceil half": lambda size: -(-size // 2),
    "third": lambda size: size // 3,
    "at least 4": lambda size: max(size, 4),
    "quarter": lambda size: max(1, size // 4),
    "pad": lambda size: size + 2,
    "crop": lambda size: size - 2,
    "double": lambda size: 2 * size,
    "window of 4": lambda size: -(-size // 4) * 4,
    "bit length": lambda size: size.bit_length(),
}

BATCH_FUNCTIONS: dict[str, SizeFunction] = {
    "same": lambda size: size,
    "ceil half": lambda size: (size + 1) // 2,
    "rest of the half": lambda size: size - (size + 1) // 2,
    "quarter": lambda size: max(1, size // 4),
    "at least 2": lambda size: max(2, size),
    "odd": lambda size: size % 2,
    "four chunks": lambda size: -(-size // 4),
}


@dataclass(frozen=True)
class ToyProgram:
    """A model that changes one axis after the other, and joins some of the results."""

    batch: Sequence[str]
    sizes: Sequence[str]
    joined: bool

    def __call__(self, run: ToyRun, x: Value) -> None:
        batch, channels, height, width = map(int, x.shape)
        for name in self.batch:
            run.op(name, (BATCH_FUNCTIONS[name](batch), channels, height, width), x)
        h, skip = x, x
        for name in self.sizes:
            height, width = (SIZE_FUNCTIONS[name](size) for size in (height, width))
            if min(height, width) < 1:
                raise ToyError("nothing is left", name, (h,))
            h = run.op(name, (batch, channels, height, width), h, flops=9 * height * width)
        if self.joined and h.shape[2] > skip.shape[2]:
            run.cat(h, skip)


def verdict_on(runner: ToyRunner) -> SizeVerdict:
    axes = axes_of(runner)
    return reach_verdict(SizedModel.of(runner, axes[0], base_of(runner)), axes)


def symbolic(runner: ToyRunner) -> Trace:
    return symbolic_trace(runner, base_of(runner), axes_of(runner))


def shapes_of(trace: Trace) -> list[Any]:
    return [(step.op, step.outputs[0].shape, step.flops) for step in trace.steps]


def is_formula_at(formulas: Trace, sizes: dict[str, int]) -> list[Any] | None:
    """What formulas say at sizes; None if they do not claim to hold there."""
    try:
        return shapes_of(at(formulas, sizes))
    except ValueError:
        return None


programs = st.builds(
    ToyProgram,
    batch=st.lists(st.sampled_from(sorted(BATCH_FUNCTIONS)), max_size=2),
    sizes=st.lists(st.sampled_from(sorted(SIZE_FUNCTIONS)), max_size=3),
    joined=st.booleans(),
)


@pytest.mark.slow
@examples(60)
@given(
    program=programs,
    shape=st.tuples(st.integers(1, 4), st.integers(5, 40), st.integers(5, 40)),
    steps=st.lists(
        st.tuples(st.sampled_from(BATCHES), st.integers(-6, 30), st.integers(-6, 30)),
        min_size=10,
        max_size=10,
    ),
)
@example(program=ToyProgram(["ceil half"], [], False), shape=(1, 8, 8), steps=[(3, 0, 0)])
@example(program=ToyProgram(["four chunks"], [], False), shape=(4, 8, 8), steps=[(3, 0, 0)])
@example(program=ToyProgram(["quarter"], [], False), shape=(1, 8, 8), steps=[(8, 0, 0)])
def test_formulas_are_right_wherever_they_claim_to_hold(
    program: ToyProgram, shape: tuple[int, int, int], steps: list[tuple[int, int, int]]
) -> None:
    runner = ToyRunner(program, x=(shape[0], 3, *shape[1:]))
    if runner.run({}, {}).failure:
        return
    verdict, formulas = verdict_on(runner), symbolic(runner)
    axes = axes_of(runner)[0]
    for batch, *counts in steps:
        sizes = {"B": batch}
        for name, count in zip("HW", counts, strict=True):
            sizes[name] = axes.sizes[name] + count * (verdict.steps.get(name) or 0)
        if any(sizes[name] < max(verdict.least.get(name, 1), 1) for name in sizes):
            continue
        if "B" not in verdict.axes.names:
            sizes["B"] = axes.sizes["B"]
        real = runner.trace(axes.shapes(sizes), {}, lines=False)
        claimed = is_formula_at(formulas, sizes)
        if real.failure is None and claimed is not None:
            assert claimed == shapes_of(real.trace), sizes


@pytest.mark.parametrize("name", ["ceil half", "rest of the half", "quarter", "odd", "at least 2"])
@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_batch_that_is_split_is_fixed_and_the_operation_is_named(name: str, batch: int) -> None:
    formulas = symbolic(ToyRunner(ToyProgram([name], [], False), x=(batch, 3, 8, 8)))
    (symbol,) = (one for one in formulas.symbols if one.name == "B")
    assert symbol.multiple == 0
    assert any(
        note.startswith(f"B is fixed at {batch}:") and name in note for note in formulas.notes
    )


def test_a_large_batch_that_takes_another_path_is_told_and_the_formulas_stay() -> None:
    def contiguous_from_64(run: ToyRun, x: Value) -> None:
        if int(x.shape[0]) >= 64:
            x = run.op("contiguous", x.shape, x)
        toys.halves(run, x)

    formulas = symbolic(ToyRunner(contiguous_from_64, x=(1, 3, 16, 16)))
    assert formulas.outputs[0].shape[0] == "B"
    assert formulas.notes == (
        "The formulas do not hold everywhere: at B = 101 the model runs other operations "
        "(contiguous instead of conv2d in the model itself at toy.py:1).",
    )


def test_small_sizes_that_take_another_path_are_told_with_the_least_that_do_not() -> None:
    def at_least_16(run: ToyRun, x: Value) -> None:
        run.op("resize", toys.image(x, max(16, int(x.shape[2])), int(x.shape[3])), x)

    formulas = symbolic(ToyRunner(at_least_16, x=(1, 3, 64, 64)))
    assert formulas.outputs[0].shape == ("B", 3, "H", "W")
    (note,) = formulas.notes
    assert note.startswith("The formulas do not hold everywhere: at ")
    assert "resize in the model itself at toy.py:1 makes 16, not " in note
    assert note.endswith("; they do from H = 16, W = 16 on.")
    assert {one.name: one.least for one in formulas.symbols} == {"B": 0, "H": 16, "W": 16}


def test_a_batch_that_has_to_be_even_is_a_step_of_two() -> None:
    formulas = symbolic(ToyRunner(toys.pairs, x=(2, 3, 8, 8)))
    assert formulas.outputs[0].shape[0] == "B/2"
    assert formulas.notes == ()


@pytest.mark.parametrize("model", [toys.halves, toys.attends_to_itself])
def test_formulas_take_few_runs_and_rules_use_those_again(model: ToyModel) -> None:
    runner = ToyRunner(model, x=(1, 3, 64, 64))
    base, axes = base_of(runner), axes_of(runner)
    symbolic_trace(runner, base, axes)
    formulas = distinct(runner)
    assert len(formulas) <= 10
    find_size_rules(runner, base, axes)
    rules = distinct(runner) - formulas
    assert len(rules) <= 30, sorted(rules)


def distinct(runner: ToyRunner) -> set[str]:
    return {str(sorted(run.items())) for run in runner.runs}
