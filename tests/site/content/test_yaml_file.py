"""tracer/site/content/yaml_file.py: files read into structures, and error messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from tracer.errors import SiteError
from tracer.site.content.yaml_file import read_yaml


class Item(Struct, forbid_unknown_fields=True):
    id: str
    size: int


class Box(Struct, forbid_unknown_fields=True):
    items: tuple[Item, ...]


def read(folder: Path, text: str) -> Box:
    path = folder / "box.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, Box)


def test_a_file_becomes_a_structure(tmp_path: Path) -> None:
    assert read(tmp_path, "items: [{id: a, size: 3}]") == Box((Item("a", 3),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("items: [{id: a}]", "items 'a': Object missing required field `size`."),
        ("items: [{id: a, size: x}]", "items 'a' size: Expected `int`, got `str`."),
        ("items: [{size: 1}]", "items number 0: Object missing required field `id`."),
        ("items: [{id: a, size: 1, colour: red}]", "items 'a': Object contains unknown field"),
        ("thing: 1", "Object contains unknown field `thing`."),
        ("- 1", "Expected `object`, got `array`."),
    ],
)
def test_a_wrong_field_is_named_by_the_id_of_its_item(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SiteError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'box.yaml'}: {said}")


def test_a_file_that_is_not_yaml_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"box\.yaml: not YAML: line 2: .*expected") as caught:
        read(tmp_path, "a: [")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"no\.yaml: there is no such file\."):
        read_yaml(tmp_path / "no.yaml", Box)
