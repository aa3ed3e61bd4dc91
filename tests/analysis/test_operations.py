"""One table says what each operation is, and a row of it is all that a new kind of skip takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

import tracer
from tests.sketch import Sketch, conv
from tracer.analysis.operations import (
    ADD_JOIN,
    CAT_JOIN,
    MUL_JOIN,
    OPERATION_ROWS,
    OPERATIONS,
    JoinKind,
    OpTraits,
    join_kinds_by_name,
    traits,
)
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render.diagram.dot import digraph
from tracer.render.formats.plain import to_plain
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.snapshot import from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import compare

SUB = JoinKind("sub", "sum", "-", "subtracted")


def test_each_operation_has_one_row() -> None:
    names = Counter(name for _, names in OPERATION_ROWS for name in names.split())
    assert [name for name, rows in names.items() if rows > 1] == []
    assert set(names) == set(OPERATIONS)


@pytest.mark.parametrize("op", ["mul", "mul_", "imul", "rmul", "multiply", "multiply_"])
def test_an_operation_is_the_same_however_it_is_spelled(op: str) -> None:
    assert traits(op).join == MUL_JOIN


@pytest.mark.parametrize("op", ["relu", "rsqrt", "index", "is_all_true", "no_such_operation", ""])
def test_an_operation_is_not_taken_for_another_with_a_similar_name(op: str) -> None:
    assert traits(op).join is None
    assert not traits(op).elementwise


def test_what_concatenates_costs_nothing_and_what_adds_does() -> None:
    assert (traits("cat").join, traits("cat").free) == (CAT_JOIN, True)
    assert (traits("iadd").join, traits("iadd").free) == (ADD_JOIN, False)
    assert traits("transpose_").free
    assert traits("masked_fill_").free
    assert traits("no_such_operation") == OpTraits()


def test_a_join_has_one_kind_for_each_name() -> None:
    kinds = {row.join for row in OPERATIONS.values() if row.join}
    assert sorted(kind.name for kind in kinds) == sorted(join_kinds_by_name())


# ---------------------------------------------------------------------------- a new kind of join


@pytest.fixture
def subtraction_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds one row to the table: a subtraction joins skips, too."""
    monkeypatch.setitem(OPERATIONS, "sub", OpTraits(join=SUB, elementwise=True))


def unet(join: str) -> Trace:
    """A UNet of one level below the first, whose skip is joined by an operation of this name."""
    run = Sketch()
    x = run.input("x", 1, 8, 8, 8)
    skip = run.call("encoder", conv(), x)
    low = run.call("middle", conv((1, 8, 4, 4)), skip)
    up = run.op("interpolate", low, shape=(1, 8, 8, 8))
    joined = run.op(join, up, skip)
    return run.trace(run.call("decoder", conv(), joined))


def test_without_a_row_a_subtraction_is_no_join() -> None:
    assert skips(unet("sub")) == ()


@pytest.mark.usefixtures("subtraction_joins")
@pytest.mark.parametrize("op", ["sub", "sub_", "isub", "rsub"])
def test_one_row_makes_a_subtraction_a_skip(op: str) -> None:
    (link,) = skips(unet(op))
    assert (link.source, link.target, link.join) == ("encoder", "decoder", "sub")
    (entry,) = ledger(unet(op)).entries
    assert entry.joins == (link,)


@pytest.mark.usefixtures("subtraction_joins")
def test_one_row_shows_it_in_tables_and_diagrams() -> None:
    trace = unet("sub")
    lines = to_plain(skip_stack_table(ledger(trace))).splitlines()
    assert any(line.endswith("sub   8 - 8") for line in lines)
    assert 'headlabel="sub 1x8x8x8"' in digraph(trace).source


@pytest.mark.usefixtures("subtraction_joins")
def test_one_row_brings_it_into_lock_files_and_their_differences() -> None:
    locked = snapshot_of(unet("sub"))
    assert "encoder -> decoder" in to_lock(locked)
    assert "sub" in to_lock(locked)
    assert from_lock(to_lock(locked)).skips == locked.skips
    changes = compare(snapshot_of(unet("add")), locked).differences
    assert [(one.what, one.before, one.after) for one in changes if one.part == "skip"] == [
        ("join", "add", "sub")
    ]


@pytest.mark.usefixtures("subtraction_joins")
def test_one_row_makes_it_a_key_of_expectations() -> None:
    tracer.assert_shapes(unet("sub"), {"sub: decoder": "1 8 8 8"})
    with pytest.raises(AssertionError, match="nothing is subtracted right before"):
        tracer.assert_shapes(unet("add"), {"sub: decoder": "1 8 8 8"})


@pytest.mark.usefixtures("subtraction_joins")
def test_one_row_makes_a_subtraction_inside_a_level_a_residual() -> None:
    run = Sketch()
    x = run.call("first", conv(), run.input("x", 1, 8, 8, 8))
    trace = run.trace(run.call("last", conv(), run.op("sub", run.call("inner", conv(), x), x)))
    assert skips(trace) == ()


def test_the_kinds_of_the_table_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "add", replace(traits("add"), join=None))
    assert skips(unet("add")) == ()
