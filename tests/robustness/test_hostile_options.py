"""Texts of options, shapes and formulas are read or refused, whatever they are, and at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import Parameter
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.robustness.mutated import HOSTILE
from tracer.algebra.polynomial import FormulaError, parse
from tracer.errors import TraceError
from tracer.from_torch.private_torch import NEWEST_TORCH
from tracer.from_torch.targets.constructor_args import Argument, parse_setting
from tracer.notation import NotationError, parse_shapes
from tracer.notation.terms import term_text
from tracer.option_text.input_text import INPUT_DTYPES, nested, parse_input
from tracer.option_text.request_checks import check_request
from tracer.target_spec import TargetSpec

TEXTS = (
    *(text for text in HOSTILE if isinstance(text, str)),
    *("1x3x99999999999999999999x8", "1x3x9223372036854775807x8", "1x" * 3_000 + "1"),
    *("-" * 5_000, "[" * 5_000 + "]" * 5_000, "1+" * 4_000 + "1", "1," * 4_000, "~" * 99),
    *("1:int65", "1:" + "x" * 5_000, "-1", "1e999", "0x10", "1_0", "'", "'''", "\\", "1j"),
    *("b''", "{1}", "{1: [2]}", "{[]: 1}", "inf", "nan", "None", "H/(1-1)", "1/3"),
    *("H*W/64 + 77", "b 4*c h/2 w/2", "(a+b)*" * 400 + "c", "(a+b+c+d)**60"),
    *("((2**64)**64)**64", "+".join(f"a{number}" for number in range(3_000))),
    *("b c h w -> b (c h) w", "a," * 3_000, "a " * 3_000, "f32[1 2]", "...", "*a *b"),
    *("\u0663", "\u00b2"),
)
LETTERS = "()+-*/ ,.[]{}<>:'\"019aHx\u00b2\u0663\u00d7\n\x00"


def random_texts(count: int) -> Iterator[str]:
    rng = random.Random(0)
    for _ in range(count):
        yield "".join(rng.choices(LETTERS, k=rng.choice((3, 8, 30, 200))))


TRIED = (*TEXTS, *random_texts(1_500))


def read_shape(text: str) -> None:
    for shape in parse_shapes(text).outputs:
        for axis in shape.axes:
            if not hasattr(axis, "matches") and hasattr(axis, "operator"):
                term_text(axis)


def read_setting(text: str) -> None:
    """The text as the value of an argument of any type; refused where all types refuse it."""
    refused: list[TraceError] = []
    for kind in (int, float, bool, tuple, torch.dtype):
        try:
            parse_setting(text, replace(ARGUMENT, types=frozenset({kind})))
        except TraceError as error:
            refused.append(error)
    if len(refused) == 5:
        raise refused[0]


ARGUMENT = Argument("ch", Parameter.KEYWORD_ONLY, None, annotated=True)
READERS: dict[str, tuple[Callable[[str], Any], type[Exception]]] = {
    "formula": (lambda text: str(parse(text)), FormulaError),
    "shape": (read_shape, NotationError),
    "input": (lambda text: parse_input("x", text), TraceError),
    "name": (lambda text: nested({text: 1}), TraceError),
    "setting": (read_setting, TraceError),
    "dims": (lambda text: check_request(TargetSpec("m", dims={"x": (text,)})), TraceError),
    "target": (TargetSpec.parse, TraceError),
}
"""What reads a text, and the error that it documents."""


def attempt(reader: str, text: str) -> bool:
    """Whether a text is read; it may be refused with a short message."""
    read, documented = READERS[reader]
    try:
        read(text)
    except documented as error:
        message = str(error)
    else:
        return True
    assert 0 < len(message) < 1_000
    return False


@pytest.mark.parametrize("reader", READERS)
def test_any_text_is_read_or_refused(reader: str) -> None:
    assert {attempt(reader, text) for text in TRIED} >= {True}


@pytest.mark.nightly
@examples(500)
@given(reader=st.sampled_from(sorted(READERS)), text=st.text(alphabet=LETTERS) | st.text())
def test_any_drawn_text_is_read_or_refused(reader: str, text: str) -> None:
    attempt(reader, text)


def test_the_dtypes_of_inputs_are_those_of_torch() -> None:
    """Left out are those of quantized tensors and of a few bits, which no layer computes with."""
    all_dtypes = {name for name, item in vars(torch).items() if isinstance(item, torch.dtype)}
    left_out = {name for name in all_dtypes if name.startswith(("q", "bit"))}
    left_out |= {f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8)}
    if torch.__version__.startswith(NEWEST_TORCH):
        assert set(INPUT_DTYPES) == all_dtypes - left_out
    else:
        assert set(INPUT_DTYPES) <= all_dtypes
