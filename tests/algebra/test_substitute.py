"""tracer/algebra/substitute.py: the formulas of a trace, evaluated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, symbolic_example
from tracer.algebra.substitute import replace_sizes, resize
from tracer.record import Symbol, Trace

SYMBOLS = (Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2))


def symbolic(*symbols: Symbol) -> Trace:
    return replace(symbolic_example(), symbols=symbols or SYMBOLS)


def without_costs(trace: Trace) -> Trace:
    """The example knows its FLOPs only where they are numbers."""
    return replace(trace, steps=tuple(replace(step, flops=None) for step in trace.steps))


def test_at_the_sizes_of_its_run_a_trace_in_formulas_is_the_one_in_numbers() -> None:
    assert without_costs(resize(symbolic())) == without_costs(example())


def test_every_part_of_a_trace_is_of_the_sizes_asked_for() -> None:
    found = resize(symbolic(), {"B": 2, "H": 32})
    assert found.symbols == ()
    assert found.inputs[0].shape == (2, 3, 32, 16)
    assert found.outputs[0].shape == (2, 3, 32, 16)
    assert found.blocks["mid.attn.qkv"].outputs[0].shape == (2, 128, 48)
    assert found.steps[-1].outputs[0].shape == (2, 3, 32, 16)
    assert found.lines[-1].names == () or found.lines[-1].names[0][1].shape[0] == 2
    pushed = [change.value.shape for line in found.lines for change in line.changes]
    assert pushed[0] == (2, 8, 32, 16)


def test_a_trace_in_numbers_stays_as_it_is() -> None:
    assert resize(example(), {"H": 99}) == example()


def test_a_cost_is_evaluated_as_well() -> None:
    trace = replace_sizes(symbolic(), lambda value: value, lambda number, _: f"{number}*H")
    assert resize(trace, {"H": 32}).steps[3].flops == 96


def test_a_size_of_another_name_is_missed() -> None:
    with pytest.raises(KeyError, match="h: the sizes of this trace are B, H, W"):
        resize(symbolic(), {"h": 16})


@pytest.mark.parametrize(
    ("symbol", "size", "says"),
    [
        (Symbol("H", 16, 4), 18, "H = 18: the formulas hold for multiples of 4."),
        (Symbol("H", 18, 4), 20, "H = 20: the formulas hold for multiples of 4, and 2 more."),
        (Symbol("H", 16, 0), 32, "H = 32: the formulas hold for 16 only."),
        (Symbol("H", 16, 2, 8), 6, "H = 6: the formulas hold from 8 on."),
    ],
)
def test_formulas_are_not_used_where_they_do_not_hold(symbol: Symbol, size: int, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        resize(symbolic(Symbol("B", 1), symbol, Symbol("W", 16)), {"H": size})
    assert str(caught.value) == says


def test_sizes_lie_at_equal_distances_from_the_one_given() -> None:
    trace = symbolic(Symbol("B", 1), Symbol("H", 18, 4), Symbol("W", 16))
    assert resize(trace, {"H": 22}).inputs[0].shape == (1, 3, 22, 16)
