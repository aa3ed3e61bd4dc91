"""tracer/site/own/own_notes.py: notes to fill in, and notes that are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.example import FILE
from tests.site.own_toy import toy_explored
from tracer.errors import SiteError
from tracer.site.content.site_content import SiteContent
from tracer.site.content.yaml_file import read_yaml
from tracer.site.own.own_model import own_models
from tracer.site.own.own_notes import functions_of, own_content, write_empty_notes

MODELS = own_models([toy_explored()])
FUNCTIONS = functions_of(MODELS)
FORWARD = "tests.toy_unet.ToyUNet.forward.yaml"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    write_empty_notes(tmp_path, FUNCTIONS, ("en", "ko"))
    return tmp_path


def content(folder: Path, *required: str) -> SiteContent:
    return own_content(MODELS, folder, FUNCTIONS, required)


def fill(path: Path, code: str, text: str, shapes: str = "{}") -> None:
    """Write a text in English into the note on a line."""
    whole = path.read_text(encoding="utf-8")
    start = whole.index('    en: ""', whole.index(code))
    filled = f"    en: {text}\n    shapes: {shapes}"
    path.write_text(whole[:start] + filled + whole[start + len('    en: ""') :], encoding="utf-8")


def test_each_function_that_ran_has_a_file_with_a_note_for_each_statement(notes: Path) -> None:
    names = {path.name for path in notes.iterdir()}
    assert names == {f"tests.toy_unet.{name}.yaml" for _, name in FUNCTIONS}
    text = (notes / FORWARD).read_text(encoding="utf-8")
    function = FUNCTIONS[FILE, "ToyUNet.forward"]
    stated = [one for one in function.statements if one.kind != "docstring"]
    assert text.count("  - id: line-") == len(stated) > 5


def test_empty_notes_are_read_and_show_nothing(notes: Path) -> None:
    assert content(notes, "en", "ko").walkthroughs == ()


def test_files_that_are_there_are_kept(notes: Path) -> None:
    path = notes / FORWARD
    path.write_text("function: a:b\nnotes: []\n", encoding="utf-8")
    assert write_empty_notes(notes, FUNCTIONS, ("en",)) == []
    assert path.read_text(encoding="utf-8").startswith("function: a:b")


def test_a_note_in_one_language_is_enough_unless_two_are_asked_for(notes: Path) -> None:
    fill(notes / FORWARD, "hs = [self.conv_in(x)]", "The first push.")
    (walk,) = content(notes).walkthroughs
    assert walk.function.name == "ToyUNet.forward"
    assert [note.en for note in walk.notes.notes] == ["The first push."]
    assert walk.notes.notes[0].readable_in("ko") == "The first push."
    with pytest.raises(SiteError, match=r"note 'line-\d+': it has no text in ko"):
        content(notes, "en", "ko")


def test_every_empty_note_matches_its_code_when_it_is_filled_in(notes: Path) -> None:
    for path in notes.iterdir():
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('en: ""', "en: text"), encoding="utf-8")
    assert len(content(notes).walkthroughs) == len(FUNCTIONS)


def test_a_shape_that_was_not_traced_is_an_error_that_names_the_note(notes: Path) -> None:
    fill(notes / FORWARD, "hs = [self.conv_in(x)]", "Push.", '{"hs[-1]": "b 9 h w"}')
    with pytest.raises(SiteError, match=re.escape("hs[-1] is 'b 9 h w', but was traced as")):
        content(notes)


def test_code_that_changed_is_an_error(notes: Path) -> None:
    fill(notes / FORWARD, "hs = [self.conv_in(x)]", "Push.")
    text = (notes / FORWARD).read_text(encoding="utf-8")
    changed = text.replace("hs = [self.conv_in(x)]", "hs = [self.other(x)]")
    (notes / FORWARD).write_text(changed, encoding="utf-8")
    with pytest.raises(SiteError, match="its code has changed"):
        content(notes)


def test_a_function_that_did_not_run_is_an_error_that_lists_those_that_did(tmp_path: Path) -> None:
    note = 'notes: [{id: a, code: "x = 1", sha: "40f9bb1e1ef4", en: text}]\n'
    path = tmp_path / "n.yaml"
    path.write_text(f"function: my.py:Net.forward\n{note}", encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        content(tmp_path)
    if "its code has changed" in str(caught.value):
        sha = re.search(r"sha: (\w+)", str(caught.value))
        assert sha
        path.write_text(path.read_text().replace("40f9bb1e1ef4", sha[1]), encoding="utf-8")
        with pytest.raises(SiteError) as caught:
            content(tmp_path)
    assert "no model of this site ran my.py:Net.forward." in str(caught.value)
    assert f"{FILE}:ToyUNet.forward" in str(caught.value)


def test_the_files_have_the_format_of_this_projects_notes(notes: Path) -> None:
    found = read_yaml(notes / FORWARD, dict[str, object])
    assert set(found) == {"function", "notes"}
