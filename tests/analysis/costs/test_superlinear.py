"""tracer/analysis/costs/superlinear.py: FLOPs that grow faster than the image."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import symbolic_example
from tracer.algebra.polynomial import parse
from tracer.analysis.costs import SuperlinearFlops, crossover, run_sizes, superlinear_flops
from tracer.record import Step, Symbol, Trace

FLOPS = {"conv2d": "144*B*H*W", "linear": "16*B", "scaled_dot_product_attention": "B*H**2*W**2/2"}
SYMBOLS = Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2)


def trace(flops: dict[str, str] = FLOPS) -> Trace:
    steps = tuple(replace(step, flops=_flops(step, flops)) for step in symbolic_example().steps)
    return replace(symbolic_example(), steps=steps, symbols=SYMBOLS)


def _flops(step: Step, flops: dict[str, str]) -> str | None:
    return flops.get(step.op)


def found(flops: str, baseline: str) -> SuperlinearFlops:
    return SuperlinearFlops(parse(flops), {}, {}, "conv2d", parse(baseline))


def test_it_says_which_operations_of_which_blocks_grow_with_what() -> None:
    fast = superlinear_flops(trace())
    assert fast
    assert fast.operations == {"scaled_dot_product_attention": parse("B*H**2*W**2/2")}
    assert fast.blocks == {"mid.attn": parse("B*H**2*W**2/2")}
    assert fast.powers == parse("H**2*W**2")


def test_its_baseline_is_what_costs_most_among_the_others() -> None:
    fast = superlinear_flops(trace())
    assert fast
    assert (fast.baseline_op, fast.baseline_flops) == ("conv2d", parse("13*144*B*H*W"))


def test_where_nothing_grows_fast_there_is_nothing_to_say() -> None:
    assert superlinear_flops(trace(FLOPS | {"scaled_dot_product_attention": "8*B*H*W"})) is None


def test_a_fast_term_among_others_is_the_part_that_counts() -> None:
    flops = "B*H**2*W**2/2 + 8*B*H*W"
    fast = superlinear_flops(trace(FLOPS | {"scaled_dot_product_attention": flops}))
    assert fast
    assert fast.flops == parse("B*H**2*W**2/2")


def test_it_is_the_most_from_the_first_size_on_at_which_it_costs_more() -> None:
    fast = superlinear_flops(trace())
    assert fast
    at = crossover(fast, SYMBOLS)
    assert at == {"H": 62, "W": 62}
    here = run_sizes(trace())
    for sizes, more in ((at, True), ({"H": 60, "W": 60}, False)):
        known = here | sizes
        assert (fast.flops.evaluate(known) > fast.baseline_flops.evaluate(known)) is more


@pytest.mark.parametrize(
    ("symbols", "sizes"),
    [
        ((Symbol("B", 1), Symbol("H", 16, 8), Symbol("W", 32, 8)), {"H": 8, "W": 16}),
        ((Symbol("B", 1), Symbol("H", 18, 8), Symbol("W", 18, 8)), {"H": 18, "W": 18}),
        ((Symbol("B", 1), Symbol("H", 16, 8), Symbol("W", 16, 0)), {"H": 8}),
    ],
)
def test_sizes_keep_their_proportions_as_far_as_formulas_hold(
    symbols: tuple[Symbol, ...], sizes: dict[str, int]
) -> None:
    assert crossover(found("B*H**2*W**2", "120*B*H*W"), symbols) == sizes


def test_nothing_is_said_where_the_baseline_grows_as_fast_or_is_not_there() -> None:
    assert crossover(found("B*H**2*W**2", "B*H**2*W**2"), SYMBOLS) is None
    assert crossover(found("B*H**2*W**2", "0"), SYMBOLS) is None


def test_nothing_is_said_of_sizes_that_no_image_has() -> None:
    assert crossover(found("H**2", f"{2**60}*H"), SYMBOLS) is None


def test_nothing_is_said_of_sizes_that_cannot_vary() -> None:
    fixed = Symbol("B", 1), Symbol("H", 16, 0), Symbol("W", 16, 0)
    assert crossover(found("B*H**2*W**2", "B*H*W"), fixed) is None
