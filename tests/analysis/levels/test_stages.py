"""tracer/analysis/levels/stages.py: UNets that a model runs one after another."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.example import example
from tests.render import unet_kinds as kinds
from tests.render.ladders import ladder
from tests.render.unet_kinds import Subject
from tracer.analysis.levels.placement import place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.stages import StageFlow, find_stage_starts
from tracer.analysis.levels.whole_model import model_graph
from tracer.record import Value
from tracer.render.diagram.dot import digraph


def stages(subject: Subject) -> dict[str, int]:
    """The stage of each unit that is a block."""
    trace, links = subject
    graph = model_graph(trace, links)
    places = place_units(graph, find_spatial_sizes(trace)).units
    return {unit.name: places[unit.name].stage for unit in graph.units if unit.block}


@pytest.mark.parametrize(
    "subject",
    [
        kinds.plain(),
        kinds.dense(),
        kinds.side_outputs(),
        kinds.fused_outputs(),
        kinds.resized_inputs(),
        kinds.levels_as_blocks(),
        ladder(4, 3),
        ladder(1, 3),
    ],
)
def test_one_unet_is_one_stage(subject: Subject) -> None:
    assert set(stages(subject).values()) == {0}


@examples(20)
@given(st.integers(1, 4), st.integers(2, 4))
def test_each_unet_of_a_cascade_is_a_stage(count: int, levels: int) -> None:
    for name, stage in stages(kinds.cascade(count, levels)).items():
        if name.startswith("nets."):
            assert stage == int(name.split(".")[1])


@examples(20)
@given(st.integers(1, 4), st.integers(2, 4))
def test_each_hourglass_is_a_stage(count: int, levels: int) -> None:
    for name, stage in stages(kinds.hourglasses(count, levels)).items():
        if name.startswith("stacks."):
            assert stage == int(name.split(".")[1])


def test_an_output_is_in_the_stage_that_computes_it() -> None:
    trace, links = kinds.cascade(3)
    graph = model_graph(trace, links)
    places = place_units(graph, find_spatial_sizes(trace)).units
    assert [places[f"output {number}"].stage for number in range(3)] == [0, 1, 2]


def test_roles_are_those_inside_the_stage() -> None:
    trace, links = kinds.cascade(2)
    graph = model_graph(trace, links)
    places = place_units(graph, find_spatial_sizes(trace)).units
    for number in range(2):
        roles = [places[f"nets.{number}.{part}"].role for part in ("enc.0", "enc.2", "dec.0")]
        assert roles == ["encoder", "middle", "decoder"]


ONE, HALF, QUARTER = Fraction(1), Fraction(1, 2), Fraction(1, 4)
TWO_VALLEYS = [ONE, HALF, ONE, ONE, HALF, ONE]


def path(fractions: list[Fraction]) -> list[StageFlow]:
    return [
        StageFlow(n, n + 1, f"h{n}", fraction, False) for n, fraction in enumerate(fractions[:-1])
    ]


def skip(source: int, target: int, fraction: Fraction = ONE) -> StageFlow:
    return StageFlow(source, target, f"h{source}", fraction, True)


def test_without_a_skip_in_each_there_are_no_two_unets() -> None:
    assert find_stage_starts(TWO_VALLEYS, path(TWO_VALLEYS)) == []
    assert find_stage_starts(TWO_VALLEYS, [*path(TWO_VALLEYS), skip(0, 2)]) == []


def test_a_skip_around_both_joins_no_two_unets() -> None:
    flows = [*path(TWO_VALLEYS), skip(0, 2), skip(3, 5), skip(0, 5)]
    assert find_stage_starts(TWO_VALLEYS, flows) == [3]


def test_a_lower_resolution_that_crosses_makes_one_unet_of_both() -> None:
    flows = [*path(TWO_VALLEYS), skip(0, 2), skip(3, 5)]
    assert find_stage_starts(TWO_VALLEYS, [*flows, skip(1, 4, HALF)]) == []


def test_skips_at_one_resolution_are_around_nothing() -> None:
    flat = [ONE] * 6
    assert find_stage_starts(flat, [*path(flat), skip(0, 2), skip(3, 5)]) == []


def test_a_second_unet_that_is_finer_than_the_first_begins_at_its_finest_level() -> None:
    fractions = [HALF, QUARTER, HALF, ONE, HALF, ONE]
    flows = [*path(fractions), skip(0, 2, HALF), skip(3, 5)]
    assert find_stage_starts(fractions, flows) == []
    finer = [ONE, HALF, QUARTER, HALF, ONE, ONE, HALF, ONE]
    flows = [*path(finer), skip(1, 3, HALF), skip(5, 7), skip(0, 5)]
    assert find_stage_starts(finer, flows) == [5]


def test_an_output_that_no_unit_of_the_main_path_computes_is_drawn() -> None:
    trace = example()
    beside = Value("table", (3,), "float32")
    time = next(block.outputs[0] for block in trace.root.walk() if block.call == "embed")
    outputs = (*trace.outputs, beside, time)
    root = replace(trace.root, outputs=outputs)
    source = digraph(replace(trace, outputs=outputs, root=root)).source
    assert source.count("n_output") > 0
