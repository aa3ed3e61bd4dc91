"""tracer/render/number_format.py: how numbers and shapes are written."""

from __future__ import annotations

import pytest

from tracer.record import Dim, Value
from tracer.render import number_format


def tensor(*shape: Dim) -> Value:
    return Value("x", shape, "float32")


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((16, 128, 32, 32), "16×128×32×32"),
        ((16,), "16"),
        ((), "scalar"),
        (("B", 256, "H/4", "W/4"), "B × 256 × H/4 × W/4"),
        (("8*B", "H*W/64", 40), "8·B × H·W/64 × 40"),
        (("B", "H*W + 77", 40), "B × (H·W + 77) × 40"),
        (("B", "H - 1"), "B × (H - 1)"),
        (("-H + 64", 3), "(-H + 64) × 3"),
        (("H**2*W**3", "L**4"), "H²·W³ × L^4"),
        (("3*H**2*W**2/4 - B",), "(3·(H·W)²/4 - B)"),
    ],
)
def test_shapes_and_formulas_are_as_people_write_them(shape: tuple[Dim, ...], text: str) -> None:
    assert number_format.shape_of(tensor(*shape)) == text


def test_several_shapes_are_listed() -> None:
    assert number_format.shapes_of([tensor(1, 2), tensor()]) == "1×2, scalar"
    assert number_format.shapes_of([]) == ""


def test_several_shapes_are_shortened_to_the_first() -> None:
    assert number_format.first_shape_of((tensor(1, 2), tensor(), tensor())) == "1×2 +2"
    assert number_format.first_shape_of((tensor(1, 2),)) == "1×2"
    assert number_format.first_shape_of((tensor("B", 2),)) == "B×2"
    assert number_format.first_shape_of((tensor("B", "H*W/4", 2), tensor())) == "B×(H·W/4)×2 +1"
    assert number_format.first_shape_of((tensor(),)) == "scalar"
    assert number_format.first_shape_of(()) == ""


def test_a_formula_is_rounded_in_its_coefficients_and_nowhere_else() -> None:
    text = "12345678*B*H*W - 3843*B**2/1024 + W + 1024"
    assert number_format.rounded_formula(text) == "12.3 M·B·H·W - 3.75·B² + W + 1.02 K"
    assert number_format.grouped_formula(text) == "12,345,678·B·H·W - 3,843·B²/1,024 + W + 1,024"
    assert number_format.rounded_formula(7) == "7"


def test_a_count_has_commas() -> None:
    assert number_format.count(35_746_307) == "35,746,307"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (35_746, "35.7K"),
        (999_499, "999K"),
        (999_500, "1M"),
        (859_520_964, "860M"),
        (2_567_463_684, "2.57B"),
        (7_000_000_000_000_000, "7e+03T"),
    ],
)
def test_a_count_is_rounded_to_three_figures(number: int, text: str) -> None:
    assert number_format.rounded(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (12 * 1024**2, "12.0 MiB"),
        (3 * 1024**3, "3.0 GiB"),
    ],
)
def test_memory_has_binary_units(number: int, text: str) -> None:
    assert number_format.memory(number) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "push", "1 push"),
        (18, "push", "18 pushes"),
        (0, "pop", "0 pops"),
        (1234, "block", "1,234 blocks"),
    ],
)
def test_nouns_are_counted(number: int, noun: str, text: str) -> None:
    assert number_format.plural(number, noun) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (12_443_713_536, "12.4 G"), (1_606_546_882_560, "1.61 T")],
)
def test_operations_have_the_prefixes_of_the_field(number: int, text: str) -> None:
    assert number_format.operations(number) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(1000, "100.0"), (457, "45.7"), (1, "0.1"), (0, "")],
)
def test_a_part_is_told_in_hundredths(part: int, text: str) -> None:
    assert number_format.percent(part, 1000) == text


def test_a_small_part_is_not_nothing() -> None:
    assert number_format.percent(6, 10_000) == "0.06"
    assert number_format.percent(1, 100_000) == "<0.01"
    assert number_format.percent(0, 0) == ""
