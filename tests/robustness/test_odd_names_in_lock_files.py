"""What a lock file says of a model can be read back, whatever the names are."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tests.robustness.odd_names import ODD_NAMES
from tracer.escapes import HIDDEN, escape_path
from tracer.snapshot import BlockSpec, SkipSpec, Snapshot, TensorSpec, from_lock, to_lock
from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts
from tracer.snapshot.skip_text import format_skip, parse_skip

IMAGE = TensorSpec((1, 8, 4, 4), "float32")
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
GRAMMAR = st.text(st.sampled_from("\"\\ ->;,()[]{}:#'1 8via cat\n"), min_size=1)


def snapshot(*names: str) -> Snapshot:
    """A snapshot with each name wherever a name can be: of a block, a class, an operation."""
    model = BlockSpec("", names[0], (IMAGE,), (IMAGE,), 12)
    blocks = tuple(BlockSpec(name, names[0], (IMAGE,), (IMAGE,), 12) for name in names)
    joined = (
        SkipSpec(name, name, IMAGE, "cat", ("h 256", "skip 128"), (name, "pad", name))
        for name in names
    )
    left = (SkipSpec(name, "", IMAGE) for name in names)
    skips = (*joined, *left, SkipSpec("", "", IMAGE, "cat", ("h 1", "skip 8")))
    return Snapshot(f"net.py:{names[0]}", model, skips, blocks)


def test_a_lock_file_with_every_odd_name_is_read_back() -> None:
    found = snapshot(*dict.fromkeys(map(escape_path, ODD_NAMES.values())))
    assert from_lock(to_lock(found)) == found


@given(TEXT | GRAMMAR, TEXT | GRAMMAR)
@example("a\x9bb", "m" * 1_100)
@example("a -> b", "; [1]")
@example("(the model)", "(not joined)")
@example('"', "\\")
@example("? x", "a: b")
@example("a ->", "-> a")
@example("\x85", "\ufeff")
def test_a_lock_file_is_read_back_whatever_the_names_are(name: str, other: str) -> None:
    found = snapshot(*dict.fromkeys((name, other)))
    text = to_lock(found)
    assert from_lock(text) == found
    assert not {one for one in text if HIDDEN.match(one)} - {"\n"}
    escaped = snapshot(*dict.fromkeys((escape_path(name), escape_path(other))))
    assert from_lock(to_lock(escaped)) == escaped


def test_a_target_that_is_not_utf_8_is_written_as_an_escape() -> None:
    found = replace(snapshot("a"), target="\udcff.py:Net")
    text = to_lock(found)
    text.encode()
    assert from_lock(text).target == r"\udcff.py:Net"


def test_a_long_name_is_whole_and_any_yaml_reader_finds_it() -> None:
    name = "m" * 1_100
    assert list(yaml.safe_load(to_lock(snapshot(name, "b")))["blocks"]) == [name, "b"]


def test_an_ordinary_name_is_written_without_quotes() -> None:
    lines = to_lock(snapshot("down.0.conv")).splitlines()
    assert "  - down.0.conv -> (not joined); [1 8 4 4]" in lines
    assert "  down.0.conv: down.0.conv([1 8 4 4]) -> [1 8 4 4]; 12 params" in lines


@pytest.mark.parametrize(
    ("line", "source", "via"),
    [
        ("a -> b; [1 8]; cat(h 1, skip 2)", "a", ()),
        (
            r'"a\u0020->\u0020b" -> c; [1 8]; via pad, "x\u003b\u0020y"; add',
            "a -> b",
            ("pad", "x; y"),
        ),
        (r'"(the\u0020model)" -> c; [1 8]; add', "(the model)", ()),
        ("(the model) -> c; [1 8]; add", "", ()),
    ],
)
def test_a_name_that_a_line_of_a_skip_cannot_hold_is_quoted(
    line: str, source: str, via: tuple[str, ...]
) -> None:
    skip = parse_skip(line)
    assert skip is not None
    assert (skip.source, skip.via) == (source, via)
    assert format_skip(skip).startswith(line.partition(";")[0])


def test_keys_of_checkpoints_are_escaped_like_the_paths_of_blocks() -> None:
    model = {"a\x1b.weight": IMAGE, "b@1.weight": IMAGE, "c.weight": IMAGE}
    file = {"net.d\x1b.weight": IMAGE, "net.c.weight": IMAGE}
    found = compare_state_dicts(model, file, prefix="net.")
    assert [(one.key, one.block) for one in found.problems] == [
        (r"a\x1b.weight", r"a\x1b"),
        (r"b\x401.weight", r"b\x401"),
        (r"d\x1b.weight", r"d\x1b"),
    ]
    assert found.matching == 1
