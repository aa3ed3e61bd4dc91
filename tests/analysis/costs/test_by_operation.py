"""tracer/costs/operations.py: what each kind of operation costs."""

from __future__ import annotations

from tests.example import example
from tracer.analysis.costs import cost, operation_costs


def test_the_most_costly_come_first_then_the_most_frequent() -> None:
    names = [one.op for one in operation_costs(example())]
    assert names[:5] == ["conv2d", "scaled_dot_product_attention", "linear", "add", "getitem"]


def test_each_says_how_many_there_are_and_how_many_at_an_unknown_cost() -> None:
    found = {one.op: one for one in operation_costs(example())}
    assert (found["add"].count, found["add"].uncounted, found["add"].flops) == (13, 13, 0)
    assert (found["conv2d"].count, found["conv2d"].uncounted) == (13, 0)
    assert (found["getitem"].uncounted, found["getitem"].activation_bytes) == (0, 0)


def test_the_sums_are_those_of_the_whole() -> None:
    found, costs = operation_costs(example()), cost(example())
    assert sum(one.flops for one in found) == costs.flops
    assert sum(one.activation_bytes for one in found) == costs.bytes
    assert sum(one.count for one in found) == len(example().steps)
