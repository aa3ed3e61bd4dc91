"""A specimen at other sizes than its own: its formulas, its law, and runs without the tracer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from tests.zoo.measures import built, filled, fresh, run_bare, session
from tests.zoo.specimens import Specimen
from tracer.analysis.size_rules import Rule, SizeRules
from tracer.from_torch.capture.model_call import named_inputs
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.runs.model_runner import ModelRunner
from tracer.record import Symbol, Trace
from tracer.sizing.axes import Axes
from tracer.sizing.axis_candidates import propose_axes

Sizes = dict[str, int]

FAR = 8
"""Sizes that are tried exceed the one given by so many times its multiple at most."""

UNPROVED = 6
"""Formulas are checked at up to five steps from the size given, and again far away."""


def in_formulas(one: Specimen) -> Trace:
    """The trace of a specimen with formulas for sizes."""
    return session(one).symbolic()


def law(one: Specimen) -> SizeRules:
    """The law of sizes of a specimen."""
    return session(one).size_rules()


@lru_cache(maxsize=2)
def axes(one: Specimen) -> Axes:
    """The inputs of a specimen, with the names that its law has for their axes."""
    candidates = propose_axes(ModelRunner(built(one), filled(one)).inputs)
    return next(axes for axes in candidates if axes.by_input() == law(one).inputs)


def filled_at(one: Specimen, sizes: Mapping[str, int]) -> Any:
    """The inputs of a specimen at these sizes: the same numbers over again, or fewer of them."""
    given = filled(one)
    named = named_inputs(built(one), given)
    shapes = iter(_shapes_in_order(one, sizes))
    found = map_tensors(named, lambda tensor: _spread(tensor, next(shapes)))
    return found if isinstance(given, dict) else tuple(found.values())


def _shapes_in_order(one: Specimen, sizes: Mapping[str, int]) -> Iterator[torch.Size]:
    """The shape of every input tensor at these sizes, as often as it is given."""
    shapes = axes(one).shapes(sizes)
    for tensors in axes(one).inputs.values():
        yield from (torch.Size(map(int, shapes[tensor.name])) for tensor in tensors)


def _spread(numbers: Tensor, shape: torch.Size) -> Tensor:
    """Numbers in another shape, from the first on and over again."""
    count = shape.numel()
    over = numbers.flatten().repeat(-(-count // numbers.numel()))
    return over[:count].reshape(shape)


@lru_cache(maxsize=2)
def worn(one: Specimen) -> nn.Module:
    """The model of a specimen for runs without the tracer, which may leave something in it."""
    return fresh(one)


def works(one: Specimen, sizes: Mapping[str, int]) -> bool:
    """Whether a specimen runs at these sizes, without the tracer."""
    inputs = filled_at(one, sizes)
    try:
        run_bare(worn(one), inputs)
    except Exception:
        return False
    return True


def untried(rule: Rule, *, allowed: bool) -> list[int]:
    """Sizes that a rule allows or forbids, and was not learned from: the next above and below."""
    tried = {trial.size for trial in rule.trials}
    far = FAR * max(rule.multiple, FAR)

    def fits(size: int) -> bool:
        return size not in tried and rule.allows(size) is allowed

    above = filter(fits, range(rule.given + 1, rule.given + far + 1))
    below = filter(fits, range(rule.given - 1, 0, -1))
    return [size for size in (next(above, None), next(below, None)) if size is not None]


def misjudged(one: Specimen) -> Iterator[Sizes]:
    """Sizes about which the law of a specimen is wrong, of a few that it was not learned from."""
    found = law(one)
    for rule in found.rules:
        for allowed in (True, False):
            for size in untried(rule, allowed=allowed):
                sizes = together(found, {rule.name: size})
                if works(one, sizes) is not allowed:
                    yield sizes
    sizes = together(found, uneven(found))
    if not works(one, sizes):
        yield sizes


def uneven(found: SizeRules) -> Sizes:
    """Sizes that the law allows, by turns untried and the least: it was learned from none like it.

    All of them large at once would say no more, and take many times as long.
    """
    sizes: Sizes = {}
    for rule in found.rules:
        if rule.tied_to not in sizes:
            large = untried(rule, allowed=True) if len(sizes) % 2 == 0 else []
            sizes[rule.name] = large[0] if large else rule.minimum
    return sizes


def together(found: SizeRules, sizes: Sizes) -> Sizes:
    """These sizes, and beside each the one that has to be equal to it."""
    ties = {rule.tied_to: sizes[rule.name] for rule in found.rules if rule.name in sizes}
    return sizes | {name: size for name, size in ties.items() if name}


def elsewhere(one: Specimen) -> Sizes:
    """Sizes that the formulas of a specimen hold for, and were not proved at if it has others.

    Each size goes another number of steps, as far as the law allows.
    """
    return {
        symbol.name: symbol.size + _steps(law(one).rule(symbol.name), symbol, UNPROVED + place)
        for place, symbol in enumerate(in_formulas(one).symbols)
        if symbol.multiple
    }


def _steps(rule: Rule, symbol: Symbol, wanted: int) -> int:
    """How far a size goes, in as many steps as are wanted, or as are possible."""
    ways = (steps * symbol.multiple for steps in (*range(wanted, 0, -1), *range(-1, -wanted, -1)))
    return next((way for way in ways if rule.allows(symbol.size + way)), 0)


def stays(trace: Trace) -> dict[str, str]:
    """The sizes of a trace that are numbers only, and what is told of each."""
    held = [symbol for symbol in trace.symbols if symbol.multiple == 0]
    told = {
        symbol.name: note
        for note in trace.notes
        for symbol in held
        if note.startswith(f"{symbol.name} is fixed at {symbol.size}:")
    }
    return {symbol.name: told.get(symbol.name, "") for symbol in held}
