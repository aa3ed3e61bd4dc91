"""tracer/render/diagram/lanes.py: where edges pass the boxes of their column."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tracer.render.diagram.lanes import Ends, assign_lanes, columns_of
from tracer.render.diagram.ranks import Ladder, Rank, Ranks


def ranks(left: str, right: str = "", middle: str = "") -> Ranks:
    rows = [Rank(name, None, 0) for name in left] + [Rank(None, name, 0) for name in right]
    return Ranks((Ladder(tuple(rows), tuple(middle)),), ())


def numbers(edges: list[Ends], found: Ranks) -> dict[Ends, int]:
    return {ends: lane.number for ends, lane in assign_lanes(edges, found).by_ends.items()}


def test_neighbors_and_units_of_two_columns_need_no_lane() -> None:
    assert numbers([("a", "b"), ("b", "x"), ("y", "x")], ranks("ab", "xy")) == {}


def test_shorter_edges_are_in_inner_lanes() -> None:
    assert numbers([("a", "e"), ("b", "d")], ranks("abcde")) == {("b", "d"): 0, ("a", "e"): 1}


def test_edges_that_do_not_meet_share_a_lane() -> None:
    assert set(numbers([("a", "c"), ("d", "f")], ranks("abcdef")).values()) == {0}


def test_the_right_column_has_its_lanes_on_the_right() -> None:
    found = assign_lanes([("a", "c"), ("x", "z")], ranks("abc", "xyz"))
    sides = {ends: lane.column.side for ends, lane in found.by_ends.items()}
    assert sides == {("a", "c"): "left", ("x", "z"): "right"}
    assert (found.most("left"), found.most("right")) == (1, 1)


def test_the_ends_of_a_short_middle_continue_the_columns() -> None:
    columns = list(columns_of(ranks("ab", "xy", "mno")))
    assert [column.names for column in columns] == [("a", "b", "m"), ("x", "y", "o")]


@examples(50)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12, unique=True))
def test_edges_of_one_lane_do_not_touch(pairs: list[tuple[int, int]]) -> None:
    names = "abcdefghij"
    edges = [(names[one], names[other]) for one, other in pairs]
    found = assign_lanes(edges, ranks(names)).by_ends
    assert set(found) == {(names[a], names[b]) for a, b in pairs if abs(a - b) > 1}
    for (one, lane), (other, other_lane) in combinations(found.items(), 2):
        if lane == other_lane:
            assert max(one) < min(other) or max(other) < min(one)
