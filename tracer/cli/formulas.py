"""The options that ask for formulas in place of numbers: ``--symbolic`` and ``--dims``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import click

DIMS_FORM = "NAME=AXIS,..."
Dims = Mapping[str, tuple[str, ...]]
"""Names for the axes of inputs; empty where they are to be proposed."""

Command = Callable[..., int]


def _dims(
    context: click.Context, parameter: click.Parameter, texts: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """``("x=B,3,H,W",)`` as a dict; a text without a name or a name given twice is an error."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, axes = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f'"{text}" is not of the form {DIMS_FORM}.')
        if name in found:
            raise click.BadParameter(f"{name} is given twice.")
        found[name] = tuple(axis.strip() for axis in axes.split(",")) if axes else ()
    return found


dims = click.option(
    "--dims",
    "dims",
    multiple=True,
    metavar=DIMS_FORM,
    callback=_dims,
    help="Names for the axes of an input, where B, H, W and the like will not do: x=B,T,4,H,W. "
    "An axis may be a formula, such as B*T.",
)

symbolic = click.option(
    "--symbolic", is_flag=True, help="Show sizes as formulas: B × 64 × H/2 × W/2."
)


def formulas(command: Command) -> Command:
    """Both options, which reach the command as `formulas`: None where numbers are wanted."""

    @symbolic
    @dims
    @wraps(command)
    def wrapped(*args: Any, symbolic: bool, dims: Dims, **options: Any) -> int:
        return command(*args, formulas=dims if symbolic or dims else None, **options)

    return wrapped


def words(formulas: Dims | None) -> list[str]:
    """What to type for the same."""
    if formulas is None:
        return []
    named = [f"--dims {name}={','.join(axes)}" for name, axes in formulas.items()]
    return named or ["--symbolic"]
