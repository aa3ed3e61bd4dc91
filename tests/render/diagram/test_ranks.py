"""tracer/render/diagram/ranks.py: the rows of the two columns."""

from __future__ import annotations

from tests.example import example, links
from tests.render.ladders import ladder as unet
from tests.render.unet_kinds import cascade, levels_as_blocks
from tests.sketch import Sketch, conv
from tracer.analysis.levels.placement import place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram.ranks import Ranks, assign_ranks


def ranks_of(trace: Trace, skips: tuple[SkipLink, ...]) -> Ranks:
    graph = model_graph(trace, skips)
    return assign_ranks(graph, place_units(graph, find_spatial_sizes(trace)).units)


def sides(found: Ranks) -> list[tuple[str | None, str | None]]:
    return [(row.left, row.right) for row in found.rows]


def test_the_toy_is_a_u_with_three_straight_skips() -> None:
    trace = example()
    found = ranks_of(trace, links(trace))
    assert sides(found) == [
        ("input x", "output 0"),
        (None, "conv_out"),
        ("conv_in", "up.0.block.1"),
        ("down.0.block", "up.0.block.0"),
        (None, "up.1.upsample"),
        ("down.0.downsample", "up.1.block.0"),
    ]
    assert found.middle == ("mid.block", "mid.attn", "mid.block@1")
    assert found.side == ("input t", "embed")


def test_every_skip_of_a_last_in_first_out_stack_runs_straight_across() -> None:
    trace, skips = unet(levels=5, blocks=3)
    straight = {(row.left, row.right) for row in ranks_of(trace, skips).rows}
    assert {(skip.source, skip.target) for skip in skips} <= straight


def test_units_of_one_row_are_at_one_level() -> None:
    trace, skips = unet(levels=4, blocks=2)
    places = place_units(graph := model_graph(trace, skips), find_spatial_sizes(trace)).units
    for row in assign_ranks(graph, places).rows:
        assert {places[name].level for name in (row.left, row.right) if name} == {row.level}


def test_levels_increase_from_the_top_down() -> None:
    trace, skips = unet(levels=4, blocks=2)
    levels = [row.level or 0 for row in ranks_of(trace, skips).rows]
    assert levels == sorted(levels)


def crossing(order: str) -> Ranks:
    """Skips from `a`, `b` and `c` that are popped in this order, by `A`, `B` and `C`."""
    run = Sketch()
    h = run.input("x", 1, 8, 8, 8)
    pushed = {name: (h := run.call(name, conv(), h)) for name in "abc"}
    h = run.call("mid", conv(), h)
    skips = []
    for name in order:
        joined = run.op("cat", h, pushed[name], shape=(1, 16, 8, 8))
        at = len(run.steps) - 1
        made = "abc".index(name)
        target = name.upper()
        skips.append(SkipLink(name, target, pushed[name], h, joined, "cat", made, at))
        h = run.call(target, conv((1, 8, 8, 8)), joined)
    return ranks_of(run.trace(h), tuple(skips))


def straight(found: Ranks) -> list[str]:
    return [row.left for row in found.rows if row.left and row.left.upper() == row.right]


def test_as_many_skips_as_possible_run_straight_across() -> None:
    assert straight(crossing("cba")) == ["a", "b", "c"]
    assert straight(crossing("cab")) == ["b", "c"]
    assert len(straight(crossing("abc"))) == 1


def test_the_flow_out_of_the_last_encoder_unit_takes_no_row() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    b = run.call("b", conv((1, 8, 4, 4)), a)
    up = run.call("up", conv((1, 8, 8, 8)), b)
    joined = run.op("cat", up, a, shape=(1, 16, 8, 8))
    trace = run.trace(run.call("c", conv(), joined))
    found = ranks_of(trace, (SkipLink("a", "c", a, up, joined, "cat", 0, 3),))
    assert ("a", "c") in sides(found)
    assert found.middle == ("b",)


def test_only_ends_at_one_level_are_in_one_row() -> None:
    trace, skips = levels_as_blocks(levels=3, layers=2)
    graph = model_graph(
        trace, skips, frozenset(f"{side}.{n}" for side in ["down", "up"] for n in range(3))
    )
    places = place_units(graph, find_spatial_sizes(trace)).units
    found = assign_ranks(graph, places)
    assert {("down.0", "up.0"), ("down.1", "up.1"), ("down.2", "up.2")} <= set(sides(found))
    for row in found.rows:
        assert {places[name].level for name in (row.left, row.right) if name} == {row.level}


def test_each_of_several_unets_is_a_ladder() -> None:
    found = ranks_of(*cascade(3))
    assert len(found.ladders) == 3
    for number, ladder in enumerate(found.ladders):
        pairs = {(row.left, row.right) for row in ladder.rows}
        assert (f"nets.{number}.enc.0", f"nets.{number}.fuse.0") in pairs


def test_a_long_column_of_one_level_continues_beside_itself() -> None:
    run = Sketch()
    h = run.input("x", 1, 8, 8, 8)
    for number in range(40):
        h = run.call(f"block.{number}", conv(), h)
    found = ranks_of(run.trace(h), ())
    assert [len(ladder.rows) for ladder in found.ladders] == [14, 14, 14]
    names = [row.left for row in found.rows]
    assert names == ["input x", *(f"block.{number}" for number in range(40)), "output 0"]
