"""Twice as many skips take twice the work and the memory, in lines of Python and in bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

import tracer
from tests.growing_models import GROWING, JoinedAtOnce, LastInFirstOut, Nested, grown
from tests.sketch import Sketch, conv
from tests.work import lines_run, peak_memory
from tracer.analysis.costs import cost
from tracer.analysis.levels import resolution_levels
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips
from tracer.record import Trace, Value
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.readable_depth import find_readable_depth
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.cost_report import report_costs
from tracer.render.tables.operation_rows import step_table
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.tables.visible_rows import RowSelection
from tracer.snapshot import from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import compare

pytestmark = pytest.mark.slow

FOLDED = RowSelection(fold=True)
SKIPS = 130
AT_MOST = 2.4
"""Twice as much, and a little: a set of twice as many candidates is a level deeper."""

MADE: dict[str, Callable[[Trace], object]] = {
    "stack": tracer.stack,
    "levels": resolution_levels,
    "cost": cost,
    "lock": lambda trace: from_lock(to_lock(snapshot_of(trace))),
    "diff": lambda trace: compare(snapshot_of(trace), snapshot_of(trace)),
    "shapes": shape_table,
    "operations": step_table,
    "stack table": lambda trace: skip_stack_table(ledger(trace)),
    "costs": report_costs,
    "diagram": digraph,
}


@pytest.mark.parametrize("build", GROWING, ids=lambda build: build.__name__)
def test_the_work_for_skips_and_stack_grows_with_their_number(
    build: Callable[[int], nn.Module],
) -> None:
    few, many = (grown(build, count) for count in (SKIPS, 2 * SKIPS))
    works = [lines_run(lambda trace=trace: ledger(trace)) for trace in (few, many)]  # type: ignore[misc]
    assert works[1] < AT_MOST * works[0]
    assert len(skips(many)) > 1.9 * len(skips(few)) > SKIPS


@pytest.mark.parametrize(
    "build", [one for one in GROWING if one is not JoinedAtOnce], ids=lambda build: build.__name__
)
def test_the_work_for_the_stack_table_grows_with_the_skips(
    build: Callable[[int], nn.Module],
) -> None:
    ledgers = [ledger(grown(build, count)) for count in (SKIPS, 2 * SKIPS)]
    works = [lines_run(lambda one=one: skip_stack_table(one)) for one in ledgers]  # type: ignore[misc]
    assert works[1] < 2.2 * works[0]


def test_the_work_for_a_readable_diagram_grows_with_the_nesting() -> None:
    works = []
    for depth in (80, 160):
        trace = grown(Nested, depth)
        links = skips(trace)
        works.append(lines_run(lambda: find_readable_depth(trace, links, FOLDED)))  # noqa: B023
    assert works[1] < AT_MOST * works[0]


@pytest.mark.parametrize("what", MADE)
def test_the_work_for_what_is_made_of_skips_grows_with_their_number(what: str) -> None:
    works = []
    for count in (SKIPS // 4, SKIPS // 2):
        trace = grown(LastInFirstOut, count)
        ledger(trace)
        works.append(lines_run(lambda trace=trace: MADE[what](trace)))  # type: ignore[misc]
    assert works[1] < 2.1 * works[0]


def test_the_memory_for_skips_grows_with_their_number() -> None:
    traces = [grown(LastInFirstOut, count) for count in (250, 500)]
    few, many = (peak_memory(lambda trace=trace: ledger(trace)) for trace in traces)  # type: ignore[misc]
    assert many < 2.1 * few
    assert many < 8 << 20


@pytest.fixture(autouse=True)
def _usual_recursion_limit() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(limit)


def deep(depth: int) -> Trace:
    """The trace of modules inside each other, each of which runs a convolution."""

    def forward(run: Sketch, x: Value, *_: Value) -> Value:
        for level in range(1, depth + 1):
            run.running.append((".".join(["inner"] * level), []))
            x = conv()(run, x)
        return x

    run = Sketch()
    x = run.input("x", 1, 8, 16, 16)
    y = forward(run, x)
    for level in range(depth, 0, -1):
        path, children = run.running.pop()
        block = replace(run.trace(y).root, call=path, path=path, kind="Nested", first=level - 1)
        run.running[-1][1].append(replace(block, children=tuple(children)))
    return run.trace(y)


DEEP: dict[str, Callable[[Trace, Path], object]] = {
    **{name: lambda trace, _, make=make: make(trace) for name, make in MADE.items()},  # type: ignore[misc]
    "report": lambda trace, folder: tracer.report(trace, folder / "net.html"),
    "check": lambda trace, folder: _locked_and_checked(trace, folder / "net.lock"),
}


def _locked_and_checked(trace: Trace, path: Path) -> object:
    tracer.lock(trace, path)
    return tracer.check(trace, path)


@pytest.mark.parametrize("what", DEEP)
def test_500_modules_inside_each_other_are_no_problem(what: str, tmp_path: Path) -> None:
    DEEP[what](deep(500), tmp_path)


def test_a_trace_of_500_modules_inside_each_other_is_saved_and_loaded(tmp_path: Path) -> None:
    trace = deep(500)
    tracer.save(trace, tmp_path / "deep.json")
    assert tracer.load(tmp_path / "deep.json") == trace
    assert hash(trace.root) == hash(tracer.load(tmp_path / "deep.json").root)
