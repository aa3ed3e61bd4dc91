"""tracer/analysis/costs/peak_memory.py: when the most memory is held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, fx

import tracer
from tests.example import example, symbolic_example
from tests.from_torch.registry import CASES, built, filled, tensors
from tests.from_torch.zoo import UNETS, quiet, traced
from tests.sketch import Sketch
from tracer.analysis.costs import Peak, cost
from tracer.record import Step, Trace, Value

pytestmark = quiet

KIB = 1024


def memory(name: str, kib: int) -> Value:
    return Value(name, (kib, 256), "float32")


def line(*steps: tuple[str, tuple[str, ...], str, str | None], out: str = "") -> Trace:
    """A model of one input; each step has its operation, what it reads, makes and lies in."""
    run = Sketch()
    sizes = {"x": run.input("x", 1, 256)}
    for op, reads, made, base in steps:
        name, _, kib = made.partition(":")
        sizes[name] = memory(name, int(kib))
        taken = tuple(sizes[read] for read in reads)
        run.steps.append(Step(op, taken, (sizes[name],), "", memory_of=base))
    return run.trace(*([sizes[out]] if out else []))


def peak(trace: Trace) -> tuple[int, int]:
    found = peak_of_numbers(trace)
    return found.step, found.bytes // KIB


def peak_of_numbers(trace: Trace) -> Peak:
    found = cost(trace).peak
    assert found
    return found


def test_a_tensor_is_held_until_it_was_read_last() -> None:
    steps = (
        ("conv2d", ("x",), "a:10", None),
        ("conv2d", ("a",), "b:20", None),
        ("conv2d", ("b",), "c:5", None),
    )
    assert peak(line(*steps, out="c")) == (1, 1 + 10 + 20)
    assert peak(line(*steps, ("cat", ("c", "a"), "d:15", None), out="d")) == (2, 1 + 10 + 20 + 5)
    assert peak(line(*steps, ("cat", ("c", "a"), "d:25", None), out="d")) == (3, 1 + 10 + 5 + 25)


def test_what_nothing_reads_is_gone_after_its_step() -> None:
    trace = line(("empty", (), "a:10", None), ("conv2d", ("x",), "b:10", None), out="b")
    assert peak(trace) == (0, 11)


def test_what_the_model_puts_out_is_held_to_the_end() -> None:
    steps = (("conv2d", ("x",), "a:10", None), ("conv2d", ("x",), "b:10", None))
    assert peak(line(*steps, out="a")) == (1, 21)
    assert peak(line(*steps, out="b")) == (0, 11)


def test_a_view_holds_the_memory_that_it_looks_at_and_needs_none() -> None:
    trace = line(
        ("conv2d", ("x",), "a:10", None),
        ("getitem", ("a",), "part:1", "a"),
        ("conv2d", ("x",), "b:10", None),
        ("add", ("part", "b"), "c:1", None),
        out="c",
    )
    assert peak(trace) == (3, 1 + 10 + 10 + 1)


def test_a_view_of_a_view_holds_the_first_memory() -> None:
    trace = line(
        ("conv2d", ("x",), "a:10", None),
        ("getitem", ("a",), "b:5", "a"),
        ("getitem", ("b",), "c:1", "b"),
        ("conv2d", ("c",), "d:10", None),
        out="d",
    )
    assert peak(trace) == (3, 21)


def test_a_change_in_place_needs_no_memory() -> None:
    trace = line(
        ("conv2d", ("x",), "a:10", None),
        ("relu_", ("a",), "b:10", "a"),
        ("conv2d", ("b",), "c:4", None),
        out="c",
    )
    assert peak(trace) == (2, 1 + 10 + 4)


def test_a_view_of_a_weight_is_no_activation() -> None:
    trace = line(("getitem", (), "a:10", "weight"), ("add", ("x", "a"), "b:2", None), out="b")
    assert peak(trace) == (1, 1 + 2)


def test_the_inputs_are_held_throughout_and_may_be_the_most() -> None:
    run = Sketch()
    assert peak_of_numbers(run.trace(run.input("x", 1, 256))).step == -1


def test_formulas_have_no_single_peak() -> None:
    assert cost(symbolic_example()).peak is None


def test_the_peak_says_when_where_and_how_much_of_it_waits_as_skips() -> None:
    found = peak_of_numbers(example())
    assert example().steps[found.step].op == "cat"
    assert (found.block, found.skips) == ("", 8 * 16 * 16 * 4)
    assert found.bytes > found.skips


class Meter(fx.Interpreter):
    """Runs a graph, lets go of each tensor after its last use, and weighs what is still there."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.kept: list[Any] = []
        self.most = 0

    def run_node(self, node: fx.Node) -> Any:
        result = super().run_node(node)
        if node.op in {"placeholder", "get_attr"}:
            self.kept.append((node.op, result))
        weights = {
            memory_of(one) for op, kept in self.kept if op == "get_attr" for one in tensors(kept)
        }
        held = [one for _, kept in self.kept for one in tensors(kept)]
        held += [one for value in (*self.env.values(), result) for one in tensors(value)]
        sizes = {memory_of(one): one.untyped_storage().nbytes() for one in held}
        self.most = max(self.most, sum(size for key, size in sizes.items() if key not in weights))
        if not node.users and node.op != "output":
            self.user_to_last_uses.setdefault(node, []).append(node)
        return result


def memory_of(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def given(inputs: Any) -> Iterator[Any]:
    if isinstance(inputs, dict):
        yield from inputs.values()
    else:
        yield from inputs if isinstance(inputs, tuple) else (inputs,)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNETS)
def test_the_peak_is_what_a_run_of_the_graph_holds(name: str) -> None:
    one = CASES[name]
    meter = Meter(tracer.graph(built(one.build), filled(one)))
    with torch.no_grad():
        meter.run(*given(filled(one)))
    assert peak_of_numbers(traced(name)).bytes == meter.most
