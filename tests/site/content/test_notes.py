"""tracer/site/content/notes.py: files of notes, and the problems that are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import note, note_file
from tracer.errors import SiteError
from tracer.site.content.notes import code_hash, read_notes

CODE = "return x + h"


def trouble(folder: Path, *notes: str) -> str:
    path = folder / "n.yaml"
    path.write_text(note_file("tests.toy_unet:ResBlock.forward", *notes), encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_notes(path)
    return str(caught.value).replace(f"{path}: ", "")


def test_white_space_does_not_change_a_hash() -> None:
    assert code_hash("a  =\n    b\n") == code_hash("a = b")
    assert code_hash("a = b") == "223c4d200875"


def test_comments_about_shapes_do_not_change_a_hash_and_others_do() -> None:
    assert code_hash("a = b  # shape: (1, 8)\n# shape: (2,)\n") == code_hash("a = b")
    assert code_hash("a = b  # why  # shape: (1, 8)") == code_hash("a = b  # why")
    assert code_hash("a = b  # why") != code_hash("a = b")


def test_a_note_in_each_language(docs: Path) -> None:
    found = read_notes(docs / "notes" / "block.yaml").notes[1]
    assert (found.id, found.of("en"), found.of("ko")) == ("sum", "About sum.", "sum에 관하여.")


def test_changed_code_asks_for_the_note_to_be_read_again(tmp_path: Path) -> None:
    said = trouble(tmp_path, note("sum", CODE, sha="000000000000"))
    assert said == (
        "note 'sum': its code has changed. Read the note again, in each language, then write "
        f"`sha: {code_hash(CODE)}`."
    )


def test_a_language_may_be_neither_missing_nor_empty(tmp_path: Path) -> None:
    whole = note("sum", CODE)
    missing = whole.replace("ko: sum에 관하여.", "")
    assert trouble(tmp_path, missing) == "note 'sum': it has no text in ko."
    empty = whole.replace("sum에 관하여.", '" "')
    assert trouble(tmp_path, empty) == "note 'sum': it has no text in ko."


def test_ids_are_used_once_and_are_fit_for_links(tmp_path: Path) -> None:
    said = trouble(tmp_path, note("sum", CODE), note("sum", CODE))
    assert said == "2 notes have the id 'sum'; every note needs its own."
    assert "Expected `str` matching regex" in trouble(tmp_path, note("Not this", CODE))


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    said = trouble(tmp_path, note("a", CODE, sha="0"), note("b", CODE, sha="0"))
    assert [line.split(":")[0] for line in said.splitlines()] == ["note 'a'", "note 'b'"]
