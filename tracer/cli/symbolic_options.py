"""The options that ask for formulas in place of numbers: --symbolic, --dims and --vary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import pairwise
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


def dims_of(which: str) -> Callable[[Command], Command]:
    """Names for the axes of the inputs of one of two targets."""
    words = f"--dims-{which.lower()}", f"dims_{which.lower()}"
    help = f"Names for the axes of an input of {which}."
    return click.option(*words, multiple=True, metavar=DIMS_FORM, callback=_dims, help=help)


vary = click.option(
    "--vary",
    "vary",
    multiple=True,
    metavar="NAME",
    help="Show channels as formulas of a constructor argument, too: --vary ch gives 4·ch.",
)

symbolic = click.option(
    "--symbolic", is_flag=True, help="Show sizes as formulas: B × 64 × H/2 × W/2."
)


@dataclass(frozen=True, slots=True)
class SymbolicRequest:
    """What sizes are to be formulas of: axes by name, and arguments of the constructor."""

    dims: Dims
    vary: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """What to type for the same."""
        named = [f"--dims {name}={','.join(axes)}" for name, axes in self.dims.items()]
        return [*named, *(f"--vary {name}" for name in self.vary)] or ["--symbolic"]


def formulas_in(words: str) -> SymbolicRequest:
    """What the words of a command ask for, as `Formulas.words` writes it."""
    dims: dict[str, tuple[str, ...]] = {}
    vary: list[str] = []
    for option, word in pairwise(words.split()):
        name, _, axes = word.partition("=")
        if option == "--dims":
            dims[name] = tuple(filter(None, axes.split(",")))
        elif option == "--vary":
            vary.append(name)
    return SymbolicRequest(dims, tuple(vary))


def formulas(command: Command) -> Command:
    """All options, which reach the command as `formulas`: None where numbers are wanted."""

    @symbolic
    @dims
    @vary
    @wraps(command)
    def wrapped(
        *args: Any, symbolic: bool, dims: Dims, vary: tuple[str, ...], **options: Any
    ) -> int:
        asked = SymbolicRequest(dims, vary) if symbolic or dims or vary else None
        return command(*args, formulas=asked, **options)

    return wrapped
