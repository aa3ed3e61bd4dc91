"""Shapes in notes are compared with those of the traces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import make_project, note, note_file, run_toy, write_notes
from tracer.errors import SiteError
from tracer.notation import NotationError
from tracer.record import Dim, Value
from tracer.site.content.check_notes import shape_mismatches
from tracer.site.content.site_content import read_content

POP = "h = block(torch.cat([h, hs.pop()], dim=1), temb)"
PUSH = "h = self.down[0].block(hs[-1], temb)\nhs.append(h)"


def trouble(folder: Path, code: str, shapes: str, function: str = "ToyUNet") -> str:
    """What is said when a note about some code gives these shapes."""
    docs = make_project(folder)
    path = docs / "notes" / "forward.yaml"
    write_notes(
        docs, "forward", note_file(f"tests.toy_unet:{function}.forward", note("n", code, shapes))
    )
    with pytest.raises(SiteError) as caught:
        read_content(docs, run_toy)
    return str(caught.value).replace(f"{path}: ", "")


def test_every_iteration_of_a_loop_is_compared(tmp_path: Path) -> None:
    said = trouble(tmp_path, POP, '{h: "b 16 h w"}')
    assert said == (
        "note 'n': h is 'b 16 h w', but was traced as 1×8×16×16 (axis 1: 16 expected, 8 found) "
        "by toy."
    )


def test_every_call_of_a_block_is_compared(tmp_path: Path) -> None:
    code = "return x + h"
    said = trouble(tmp_path, code, '{x: "b 8 h w"}', function="ResBlock")
    assert said == (
        "note 'n': x is 'b 8 h w', but was traced as 1×16×8×8 (axis 1: 8 expected, 16 found) "
        "by toy in mid.block."
    )


def test_locals_are_those_after_the_last_line_of_the_note(tmp_path: Path) -> None:
    said = trouble(tmp_path, PUSH, '{h: "b c h w", "hs[-1]": "b 2*c h w"}')
    assert "hs[-1] is 'b 2*c h w', but was traced as 1×8×16×16 (axis 1: 2*c = 16 expected" in said


def test_a_name_that_no_trace_knows_is_an_error(tmp_path: Path) -> None:
    assert trouble(tmp_path, POP, '{k: "b c"}') == (
        "note 'n': it gives k a shape, but no trace of the site has a tensor of that name there. "
        "Remove it, or add a trace that runs these lines."
    )


def test_a_shape_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    said = trouble(tmp_path, POP, '{h: "b 2*c h w"}')
    assert "no axis of the note is c alone" in said


def test_problems_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    docs = make_project(tmp_path)
    for name, function in (("forward", "ToyUNet"), ("block", "ResBlock")):
        code = "return x + h" if name == "block" else "hs.append(h)"
        text = note_file(f"tests.toy_unet:{function}.forward", note("n", code, '{h: "b 7 h w"}'))
        write_notes(docs, name, text)
    with pytest.raises(SiteError) as caught:
        read_content(docs, run_toy)
    assert len(str(caught.value).splitlines()) == 2


def test_a_note_that_is_right_at_one_size_only_is_an_error(tmp_path: Path) -> None:
    said = trouble(tmp_path, "hs = [self.conv_in(x)]", '{x: "b 3 h h", "hs[-1]": "1 8 h w"}')
    assert said == (
        "note 'n': x is 'b 3 h h', but was traced as B × 3 × H × W "
        "(axis 3: h = H expected, W found) by toy in formulas."
    )


# ------------------------------------------------------------------------ the notation of shapes


def mismatches(shapes: dict[str, str], **values: tuple[Dim, ...]) -> list[str]:
    tensors = {name: Value(name, shape, "float32") for name, shape in values.items()}
    return list(shape_mismatches(shapes, tensors))


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("b c h w", (1, 8, 4, 4)),
        ("1 8 h h", (1, 8, 4, 4)),
        ("_ _ h w", (1, 8, 4, 4)),
        ("b ... w", (1, 8, 4, 4)),
        ("b c ...", (1, 8)),
        ("", ()),
        ("b c c/2 (c+b*7)", (1, 8, 4, 15)),
        ("f32[b c]", (1, 8)),
    ],
)
def test_a_shape_that_matches(written: str, shape: tuple[Dim, ...]) -> None:
    assert mismatches({"x": written}, x=shape) == []


@pytest.mark.parametrize(
    ("written", "shape", "expected"),
    [
        ("b c", (1, 8, 4), "traced as 1×8×4 (axes: 2 expected, 3 found)"),
        ("b c c", (1, 8, 4), "traced as 1×8×4 (axis 2: c = 8 expected, 4 found)"),
        ("b 16", (1, 8), "traced as 1×8 (axis 1: 16 expected, 8 found)"),
        (
            "b c c/3",
            (1, 8, 2),
            "traced as 1×8×2 (axis 2: c/3 = 8/3 is not a whole number, 2 found)",
        ),
        ("i64[b]", (1,), "traced as 1 (dtype: int64 expected, float32 found)"),
        ("b b/0", (1, 8), "traced as 1×8 (axis 1: b/0 is not a size)"),
    ],
)
def test_a_shape_that_does_not_match(written: str, shape: tuple[Dim, ...], expected: str) -> None:
    assert mismatches({"x": written}, x=shape) == [f"x is {written!r}, but was {expected}"]


def test_a_name_means_the_same_size_in_all_shapes_of_a_note() -> None:
    assert mismatches({"x": "b c", "y": "b 2*c"}, x=(1, 8), y=(1, 16)) == []
    assert mismatches({"x": "b 2*c", "y": "b c"}, x=(1, 8), y=(1, 4)) == []
    assert mismatches({"x": "b c", "y": "b c"}, x=(1, 8), y=(1, 16)) == [
        "y is 'b c', but was traced as 1×16 (axis 1: c = 8 expected, 16 found)"
    ]


def test_formulas_are_compared_as_numbers_are() -> None:
    assert mismatches({"x": "b h", "y": "b h/2 h*b"}, x=("B", "H/2"), y=("B", "H/4", "B*H/2")) == []
    assert mismatches({"x": "b h", "y": "b h/2"}, x=("B", "H/2"), y=("B", "H")) == [
        "y is 'b h/2', but was traced as B × H (axis 1: h/2 = H/4 expected, H found)"
    ]


def test_a_name_has_to_stand_alone_once() -> None:
    assert mismatches({"x": "b 2*c"}, x=(1, 8)) == [
        "x is 'b 2*c', but no axis of the note is c alone"
    ]


def test_an_invalid_shape_of_a_note_is_an_error(tmp_path: Path) -> None:
    assert trouble(tmp_path, POP, '{h: "b 4c h w"}') == (
        'note \'n\': Invalid shape "b 4c h w" at "4c h w": write a product as 4*c.'
    )


@pytest.mark.parametrize("written", ["b c+", "b f(b)", "b 2**b", "b c, b"])
def test_a_shape_that_cannot_be_parsed_is_an_error(written: str) -> None:
    with pytest.raises(NotationError):
        mismatches({"x": written}, x=(1, 8))
