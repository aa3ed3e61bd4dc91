"""tracer/plain_yaml.py: the YAML of lock files and of the site, without recursion."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tracer.plain_yaml import MAX_YAML_NESTING, YamlError, parse_yaml

FILES = sorted([*ROOT.glob("docs/**/*.yaml"), *ROOT.glob("tests/locks/*.yaml")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_of_the_project_are_read_as_pyyaml_reads_them(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert parse_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a: 1\nb: -2\nc: 1.5\nd: true", {"a": 1, "b": -2, "c": 1.5, "d": True}),
        ("a: ~\nb:", {"a": None, "b": None}),
        ("a: '1'\nb: \"x\\ty\"\nno: on", {"a": "1", "b": "x\ty", "no": "on"}),
        ("- [1, {a: b}]\n- |\n  x\n  y", [[1, {"a": "b"}], "x\ny"]),
        ('? "long"\n: 1\n"a:b": 2', {"long": 1, "a:b": 2}),
        ("", None),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_mappings_lists_texts_and_numbers_are_read(text: str, read: Any) -> None:
    assert parse_yaml(text) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * (MAX_YAML_NESTING + 1), "line 1: nested more than 32 deep"),
        ("- " * (MAX_YAML_NESTING + 1), "line 1: nested more than 32 deep"),
        ("a: 1\nb: 2\na: 3", "line 3: a occurs twice"),
        ("a: &x 1\nb: *x", "line 1: anchors and aliases"),
        ("a: !!python/name:os.system x", "line 1: tags are not read here"),
        ("? [a]\n: 1", "line 1: a key is not a text"),
        ("a\n---\nb", "line 2: a second document begins"),
        ("a: [1, b", "line 2: invalid YAML"),
        ("a: \x00", "invalid YAML"),
        ("a: \ud800", "invalid YAML"),
    ],
)
def test_what_is_not_read_is_an_error_with_the_line(text: str, said: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse_yaml(text)
    assert str(caught.value).startswith(said)


def test_brackets_by_the_thousand_do_not_end_the_process() -> None:
    code = "from tracer.plain_yaml import parse_yaml; parse_yaml('[' * 1_000_000)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "YamlError: line 1: nested more than 32 deep" in done.stderr
