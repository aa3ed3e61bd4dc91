"""tracer/site/content/match_notes.py: which statements each note quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toy_unet import __file__ as TOY_FILE
from tracer.annotation.shape_comments import with_comments
from tracer.annotation.statement_spans import find_statements
from tracer.errors import SiteError
from tracer.site.content.function_source import read_function
from tracer.site.content.match_notes import note_rows
from tracer.site.content.notes import Note, NoteFile, code_hash
from tracer.site.content.site_config import Text

FUNCTION = "tests.toy_unet:ResBlock.forward"


def test_comments_that_annotate_wrote_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(TOY_FILE).read_text("utf-8")
    plain = read_function(FUNCTION)
    firsts = sorted({span.first for span in find_statements(source).values()})
    texts = {first: f"({'1, ' * (9 + first % 20)}8)" for first in firsts}
    (tmp_path / "annotated_toy.py").write_text(with_comments(source, texts, 88), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    annotated = read_function("annotated_toy:ResBlock.forward")
    assert len(annotated.lines) > len(plain.lines)  # some comments have lines of their own
    assert [line for line in annotated.lines if line] == [line for line in plain.lines if line]
    notes = ("h = self.conv(x)", "x = self.shortcut(x)", "return x + h")
    assert rows(*notes, function="annotated_toy:ResBlock.forward") == rows(*notes)


def rows(*codes: str, function: str = FUNCTION) -> list[tuple[str, list[int]]]:
    """For notes that quote these codes, the id and the pieces of each row."""
    notes = tuple(
        Note(id=f"n{number}", code=code, sha=code_hash(code), en="e", ko="k")
        for number, code in enumerate(codes)
    )
    text = Text(en="e", ko="k")
    found = NoteFile(function=function, upstream=(1, 2), title=text, intro=text, notes=notes)
    listed = note_rows(found, read_function(function), "n.yaml")
    return [(row.note.id if row.note else "", list(row.statements)) for row in listed]


def test_lines_without_a_note_are_rows() -> None:
    assert rows("h = self.conv(x)", "return x + h") == [
        ("", [0]),
        ("n0", [1]),
        ("", [2, 3, 4]),
        ("n1", [5]),
    ]


def test_a_note_may_be_about_a_branch_and_what_is_in_it() -> None:
    code = "if self.in_channels != self.out_channels:\n    x = self.shortcut(x)\n"
    assert ("n0", [3, 4]) in rows(code)


def test_comments_and_spaces_of_a_quotation_do_not_matter() -> None:
    assert ("n0", [1]) in rows("h  =  self.conv(x)  # (B, C, H, W)\n")


def test_a_quotation_may_end_inside_brackets() -> None:
    with pytest.raises(SiteError, match="does not have the code 'h = f\\('"):
        rows("h = f(")


def test_unknown_code_names_the_note_and_the_file() -> None:
    with pytest.raises(SiteError) as caught:
        rows("h = x", "return x + h")
    assert str(caught.value) == (
        "n.yaml: note 'n0': ResBlock.forward in tests/toy_unet.py does not have the code 'h = x'. "
        "Change the note, or delete it."
    )


def test_code_that_was_changed_is_named_with_its_new_line() -> None:
    function = read_function(FUNCTION)
    at = next(n for n, line in enumerate(function.lines) if "h = self.conv(x)" in line)
    with pytest.raises(SiteError) as caught:
        rows("h = self.convs(x)", "return x + h")
    assert f"If line {function.first + at} replaced it, copy that line" in str(caught.value)
    assert str(caught.value).endswith("'h = self.conv(x)'.")


def test_notes_out_of_order_are_an_error() -> None:
    with pytest.raises(SiteError) as caught:
        rows("return x + h", "h = self.conv(x)")
    assert str(caught.value) == (
        "n.yaml: note 'n1': its code comes before that of the note above it; "
        "put the notes in order."
    )


def test_a_note_without_code_is_an_error() -> None:
    with pytest.raises(SiteError, match="does not have the code ''"):
        rows("# nothing but a comment")
