"""The two targets of a command that compares, with options for one or the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from tracer.cli import options
from tracer.cli.symbolic_options import Dims, SymbolicRequest, dims_of, symbolic
from tracer.cli.targets import TargetSpec

DiffCommand = Callable[..., int]
Texts = dict[str, str]


def two_targets(command: DiffCommand) -> DiffCommand:
    """The arguments A and B with their options, which reach the command as two `wishes`."""

    @click.argument("before", metavar="A")
    @click.argument("after", metavar="B")
    @options.inputs_of("A")
    @options.inputs_of("B")
    @options.settings_of("A")
    @options.settings_of("B")
    @symbolic
    @dims_of("A")
    @dims_of("B")
    @wraps(command)
    def wrapped(
        before: str,
        after: str,
        input_a: Texts,
        input_b: Texts,
        set_a: Texts,
        set_b: Texts,
        symbolic: bool,
        dims_a: Dims,
        dims_b: Dims,
        **others: Any,
    ) -> int:
        asked = symbolic or bool(dims_a or dims_b)
        formulas = [SymbolicRequest(dims, ()) if asked else None for dims in (dims_a, dims_b)]
        wishes = (
            TargetSpec(before, set_a, input_a, formulas[0]),
            TargetSpec(after, set_b, input_b, formulas[1]),
        )
        return command(wishes=wishes, **others)

    return wrapped
