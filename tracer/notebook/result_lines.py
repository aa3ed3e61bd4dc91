"""The `repr` of each result: one short line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from tracer.analysis.costs import Costs
from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.analysis.size_rules import SizeRules
from tracer.errors import shortened
from tracer.escapes import visible
from tracer.record import Block, Trace, Value
from tracer.render import number_format
from tracer.render.tables.failing_size import failing_size_table
from tracer.render.tables.size_obstacles import size_rules_text
from tracer.sizing.explanation import Explanation
from tracer.snapshot import Snapshot
from tracer.snapshot.diff import Comparison
from tracer.snapshot.diff.state_dict_comparison import StateDictComparison

MAX_LINE_LENGTH = 200


def line_of(result: Any) -> str:
    """Return a result in one line of at most about 200 characters.

    >>> line_of(ReplayVerdict("Net", True, 12, (), (), spread=0.6))
    '<ReplayVerdict of Net: proven, 12 operations>'
    """
    text = re.sub(r"\s+", " ", visible(_line(result)))
    return f"<{type(result).__name__}{shortened(text, MAX_LINE_LENGTH)}>"


@singledispatch
def _line(result: Any) -> str:
    """What follows the name of the type."""
    return f" of {result.model}"


@_line.register
def _(result: Trace) -> str:
    blocks = number_format.plural(len(result.blocks) - 1, "block")
    steps = number_format.plural(len(result.steps), "operation")
    return f" of {result.model}: {blocks}, {steps}, {_flow(result.inputs, result.outputs)}"


@_line.register
def _(result: Block) -> str:
    name = f" {result.call}" if result.call else ""
    parameters = number_format.plural(result.parameters, "parameter")
    return f"{name}: {result.kind}, {_flow(result.inputs, result.outputs)}, {parameters}"


@_line.register
def _(result: SizeRules) -> str:
    return f" of {result.model}: {size_rules_text(result)}"


@_line.register
def _(result: Explanation) -> str:
    return f": {failing_size_table(result).title}"


@_line.register
def _(result: Costs) -> str:
    parameters = number_format.plural(result.parameters, "parameter")
    if result.are_formulas:
        return f": {parameters}, {number_format.rounded_formula(str(result.flops))} FLOPs"
    flops = number_format.operations(result.at_run(result.flops))
    written = number_format.memory(result.at_run(result.bytes))
    return f": {parameters}, {flops} FLOPs, {written} written"


@_line.register
def _(result: Comparison) -> str:
    count = number_format.plural(len(result), "difference") if result else "no differences"
    return f" of {_name(result.before)} and {_name(result.after)}: {count}"


@_line.register
def _(result: ReplayVerdict) -> str:
    proven = "proven" if result.proven else "not proven"
    return f" of {result.model}: {proven}, {number_format.plural(result.operations, 'operation')}"


@_line.register
def _(result: StateDictComparison) -> str:
    fitting = number_format.plural(result.matching, "key")
    if result.fits:
        return f": all {fitting} fit"
    problems = number_format.plural(len(result.problems), "key")
    return f": {fitting} of the model found, {problems} not fitting"


def _flow(inputs: Iterable[Value], outputs: Iterable[Value]) -> str:
    return f"{number_format.shapes_of(inputs)} -> {number_format.shapes_of(outputs)}"


def _name(snapshot: Snapshot) -> str:
    return snapshot.target or snapshot.model.kind
