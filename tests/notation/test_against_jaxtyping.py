"""Shapes mean what they mean to jaxtyping, and more is understood.

Random shapes are held against random tensors by both. jaxtyping evaluates arithmetic as it comes,
so every name in it was seen alone before; to solve for one is our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from jaxtyping import AnnotationError, Shaped, jaxtyped

from tests.sketch import Sketch
from tracer.testing.expectations import check_shapes

Sizes = tuple[int, ...]
TERMS = (
    "{a}+{n}",
    "{n}*{a}",
    "{a}-{n}",
    "{a}+{b}",
    "{a}*{b}",
    "{a}/{n}",
    "({a}+{b})/2",
    "{a}-{b}-1",
)


def ours(shapes: Sequence[str], tensors: Sequence[Sizes]) -> bool:
    run = Sketch()
    values = [run.input(f"x{number}", *sizes) for number, sizes in enumerate(tensors)]
    trace = run.trace(values[0])
    return not check_shapes(trace, {"in:": shapes}).failures


def theirs(shapes: Sequence[str], tensors: Sequence[Sizes]) -> bool:
    try:
        with jaxtyped("context"):
            pairs = zip(shapes, tensors, strict=True)
            return all(isinstance(np.zeros(one), Shaped[np.ndarray, text]) for text, one in pairs)
    except AnnotationError:
        return False  # the tensor that would have bound a name was refused before


def drawn_shapes(dice: Random) -> list[str]:
    """Up to three shapes; arithmetic speaks of names that an earlier one has alone."""
    shapes: list[str] = []
    known: set[str] = set()
    for _ in range(dice.randint(1, 3)):
        axes = [_axis(dice, sorted(known)) for _ in range(dice.randint(0, 4))]
        known |= {axis for axis in axes if axis in "abcd"}
        if dice.random() < 0.3:
            axes.insert(dice.randint(0, len(axes)), dice.choice(["...", "*rest"]))
        shapes.append(" ".join(axes))
    return shapes


def _axis(dice: Random, known: Sequence[str]) -> str:
    kind = dice.choice(["name", "name", "number", "any", "term"])
    if kind == "term" and known:
        a, b, n = dice.choice(known), dice.choice(known), dice.randint(1, 3)
        return dice.choice(TERMS).format(a=a, b=b, n=n)
    if kind == "number":
        return str(dice.randint(0, 6))
    return dice.choice(["_", "_rows"]) if kind == "any" else dice.choice("abcd")


def drawn_tensors(dice: Random, shapes: Sequence[str]) -> list[Sizes]:
    """Tensors that have these shapes, or nearly."""
    sizes = {name: dice.randint(1, 4) for name in "abcd"}
    rest = [dice.randint(1, 4) for _ in range(dice.randint(0, 2))]
    return [_tensor(dice, shape, sizes, rest) for shape in shapes]


def _tensor(dice: Random, shape: str, sizes: dict[str, int], rest: list[int]) -> Sizes:
    found: list[int] = []
    for axis in shape.split():
        if axis in {"...", "*rest"}:
            found += rest
        elif axis.startswith("_"):
            found.append(dice.randint(0, 4))
        else:
            found.append(max(0, int(eval(axis, {}, dict(sizes)))))
    if found and dice.random() < 0.25:
        found[dice.randrange(len(found))] = dice.randint(0, 5)
    return (*found, 1) if dice.random() < 0.05 else tuple(found)


@pytest.mark.parametrize("seed", range(4))
def test_random_shapes_hold_for_us_where_they_hold_for_jaxtyping(seed: int) -> None:
    dice = Random(seed)
    verdicts = {True: 0, False: 0}
    for _ in range(300):
        shapes = drawn_shapes(dice)
        tensors = drawn_tensors(dice, shapes)
        verdict = ours(shapes, tensors)
        assert verdict == theirs(shapes, tensors), f"{shapes} {tensors}"
        verdicts[verdict] += 1
    assert min(verdicts.values()) > 50


@pytest.mark.parametrize(
    ("shapes", "tensors"),
    [(["a/2", "a"], [(2,), (4,)]), (["2*a"], [(4,)]), (["(a b)", "a b"], [(6,), (2, 3)])],
)
def test_arithmetic_may_come_before_its_names(shapes: list[str], tensors: list[Sizes]) -> None:
    assert ours(shapes, tensors)
    assert not ours(shapes, [(5,), *tensors[1:]])
