"""What each value was computed from, by which kinds of paths, against the definition in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.sketch import Sketch
from tracer.analysis.operations import traits
from tracer.analysis.skips.candidates import Candidate, JoinedOperand
from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.other_operands import OtherOperands
from tracer.analysis.skips.reachability import PathSets, Reachability
from tracer.analysis.skips.resolution import resolutions
from tracer.record import Step, Trace, Value

KINDS = PathSets._fields
SHAPES = ((1, 4, 8, 8), (1, 4, 4, 4), (1, 4, 2, 2))


@dataclass(frozen=True)
class Graph:
    """A trace, candidates of its joins, and the names of the inputs that are skips, by join."""

    trace: Trace
    candidates: list[Candidate]
    skips: dict[int, set[str]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph of convolutions, joins and views, in and outside of blocks, at three levels."""
    run = Sketch()
    values = [run.input("x", *SHAPES[0])]
    for number in range(draw(st.integers(2, 12))):
        first, second = (draw(st.sampled_from(values[-6:])) for _ in range(2))
        shape = draw(st.sampled_from(SHAPES))
        kind = draw(st.sampled_from(["conv2d", "cat", "relu", "view"]))
        inputs = (first, second) if kind == "cat" else (first,)
        weight = (4, 4, 3, 3) if kind == "conv2d" else ()

        def forward(inner: Sketch, *given: Value) -> Value:
            return inner.op(kind, *given, shape=shape, weight=weight)  # noqa: B023

        if draw(st.booleans()):
            values.append(run.call(f"block{number}", forward, *inputs))
        else:
            values.append(run.op(kind, *inputs, shape=shape, weight=weight))
    trace = run.trace(values[-1])
    joins = [number for number, step in enumerate(trace.steps) if step.op == "cat"]
    candidates: list[Candidate] = []
    skips: dict[int, set[str]] = {}
    for join in reversed(joins):
        step = trace.steps[join]
        skips[join] = set(draw(st.lists(st.sampled_from([v.name for v in step.inputs]))))
        for operand in dict.fromkeys(step.inputs):
            joined = JoinedOperand(operand, join, step.block, Fraction(64))
            for value in dict.fromkeys((operand, draw(st.sampled_from(values[: join + 1])))):
                lowest = Fraction(draw(st.sampled_from([64, 16, 4])))
                candidates.append(Candidate(len(candidates), value, joined, lowest))
    return Graph(trace, candidates, skips)


def plain_paths(graph: Graph, one: Candidate) -> dict[str, set[str]]:
    """For each kind of path, the names of the values that a candidate leads to before its join."""
    trace, known = graph.trace, resolutions(graph.trace)
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    begun = len(trace.steps) if not one.block else trace.blocks[one.block].first
    for number, step in enumerate(trace.steps[: one.join]):
        here = {kind: _any_of(found[kind], step) for kind in KINDS}
        if one.value in step.inputs:
            here["any"] = here["low"] = True
        here["same_level"] = any(
            (value.name in found["same_level"] or value == one.value)
            and value.name not in graph.skips.get(number, ())
            for value in step.inputs
        )
        elsewhere = here["any"] and not traits(step.op).moves and step.block != one.block
        weighted = elsewhere and bool(step.weights) and number < begun
        for value in step.outputs:
            positions = known.positions(value)
            coarser = is_coarser(positions, one.positions) and value.name not in known.statistics
            low = here["low"] and not is_coarser(one.lowest, positions)
            holds = {
                "any": here["any"],
                "other_block": here["other_block"] or elsewhere,
                "coarser": here["coarser"] or (here["any"] and coarser),
                "same_level": here["same_level"] and not coarser,
                "low": low,
                "low_weighted": here["low_weighted"] or (weighted and low),
                "low_weighted_twice": here["low_weighted_twice"]
                or (here["low_weighted"] and weighted and low),
            }
            for kind in KINDS:
                if holds[kind]:
                    found[kind].add(value.name)
    return found


def _any_of(names: set[str], step: Step) -> bool:
    return any(value.name in names for value in step.inputs)


def passed(graph: Graph) -> Iterator[tuple[int, Reachability]]:
    """The paths before each step of a graph."""
    reachability = Reachability(graph.trace, graph.candidates, resolutions(graph.trace))
    for number, step in enumerate(graph.trace.steps):
        yield number, reachability
        reachability.add_step(number, step, graph.skips.get(number, ()))


@examples(60)
@given(graphs())
def test_the_paths_to_the_operands_of_a_join_are_those_of_the_definition(graph: Graph) -> None:
    expected = {one.number: plain_paths(graph, one) for one in graph.candidates}
    for number, reachability in passed(graph):
        step = graph.trace.steps[number]
        for one in (one for one in graph.candidates if one.join == number):
            for kind, value in ((kind, value) for kind in KINDS for value in step.inputs):
                holds = reachability.holds(getattr(reachability.to(value), kind), one)
                assert holds == (value.name in expected[one.number][kind]), (kind, value, one)


@examples(60)
@given(graphs())
def test_the_first_other_operand_is_that_of_a_look_at_each(graph: Graph) -> None:
    for number, reachability in passed(graph):
        of_join = [one for one in graph.candidates if one.join == number]
        values = list(graph.trace.steps[number].inputs)
        values += [value for one in graph.trace.steps[number:] for value in one.inputs]
        made = {value.name for one in graph.trace.steps[number:] for value in one.outputs}
        operands = [value for value in dict.fromkeys(values) if value.name not in made]
        others = OtherOperands(operands, reachability)
        for one in of_join:
            expected = [
                value
                for value in operands
                if value != one.operand and reachability.holds(reachability.to(value).any, one)
            ]
            assert others.first(one, lambda paths: paths.any) == next(iter(expected), None)
            is_operand = one.value in operands and one.value != one.operand
            assert others.leads_to_another(one) == (bool(expected) or is_operand)
