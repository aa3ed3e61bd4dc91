"""tracer/site/content/check_notes.py: shapes in notes against traces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import make_project, note, note_file, run_toy, write_notes
from tracer.errors import SiteError
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
    assert said == "note 'n': h is 'b 16 h w' with 16 = 16, but was traced as 1×8×16×16 by toy."


def test_every_call_of_a_block_is_compared(tmp_path: Path) -> None:
    code = "return x + h"
    said = trouble(tmp_path, code, '{x: "b 8 h w"}', function="ResBlock")
    assert said == (
        "note 'n': x is 'b 8 h w' with 8 = 8, but was traced as 1×16×8×8 by toy in mid.block."
    )


def test_locals_are_those_after_the_last_line_of_the_note(tmp_path: Path) -> None:
    said = trouble(tmp_path, PUSH, '{h: "b c h w", "hs[-1]": "b 2*c h w"}')
    assert "hs[-1] is 'b 2*c h w' with 2*c = 16, but was traced as 1×8×16×16" in said


def test_a_name_that_no_trace_knows_is_an_error(tmp_path: Path) -> None:
    assert trouble(tmp_path, POP, '{k: "b c"}') == (
        "note 'n': it gives k a shape, but no trace of the site has a tensor of that name there. "
        "Remove it, or add a trace that runs these lines."
    )


def test_a_shape_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    said = trouble(tmp_path, POP, '{h: "b 2*c h w"}')
    assert "'c' is used only in arithmetic" in said


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
        "note 'n': x is 'b 3 h h' with h = H, but was traced as B × 3 × H × W by toy in formulas."
    )
