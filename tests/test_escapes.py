"""Every name is shown whole, so that the name can be read back, and nothing in it is hidden."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.robustness.odd_names import ODD_NAMES
from tracer.escapes import (
    HIDDEN,
    LONG_TEXT,
    LONG_WORD,
    encodable,
    escape_name,
    escape_path,
    is_readable,
    readable,
    readable_lines,
    shortened,
    unescape_name,
    visible,
)

ANY_TEXT = st.text(st.characters(codec=None))
LIKE_ESCAPES = st.text(st.sampled_from("\\xuUnrt0123abcdef@. \x1b\u202e\ud800\U000e0041"))
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1)]
FILLERS = "\u115f\u1160\u3164\uffa0\U00013441\U00013442"
"""Letters that are blank: of Korean and, since the Unicode of Python 3.12, of hieroglyphs."""


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("down.0.conv1", "down.0.conv1"),
        ("한글", "한글"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9bb", r"a\x9bb"),
        ("a\0b", r"a\x00b"),
        ("a\nb\r\nc\td", r"a\nb\r\nc\td"),
        ("a\ud800b", r"a\ud800b"),
        ("\u202eabc", r"\u202eabc"),
        ("a\U000e0041b", r"a\U000e0041b"),
        ("a\\b", r"a\\b"),
        ("a\\x1bb", r"a\\x1bb"),
        (" a  b ", r"\x20a \x20b\x20"),
        ("a b", "a b"),
    ],
)
def test_a_name_is_written_as_in_a_string_of_python(name: str, escaped: str) -> None:
    assert escape_name(name) == escaped
    assert unescape_name(escaped) == name


@pytest.mark.parametrize("escape", [escape_name, escape_path])
@given(name=ANY_TEXT | LIKE_ESCAPES)
@example(name="\\@1")
@example(name="@1.@22.a@3")
def test_every_name_can_be_read_back(escape: Callable[[str], str], name: str) -> None:
    escaped = escape(name)
    assert unescape_name(escaped) == name
    assert not HIDDEN.search(escaped)
    assert visible(escaped) == escaped
    escaped.encode()


@pytest.mark.parametrize(
    ("path", "escaped"),
    [("a@1", r"a\x401"), ("a@1.b@x", r"a\x401.b@x"), ("a@1b", "a@1b"), ("@", "@")],
)
def test_no_module_has_the_name_of_another_modules_second_call(path: str, escaped: str) -> None:
    assert escape_path(path) == escaped


def test_all_that_unicode_calls_a_control_a_format_or_a_blank_is_hidden() -> None:
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
    seen = [one for one in CHARACTERS if unicodedata.category(one) in kinds]
    assert [one for one in seen if not HIDDEN.match(one)] == [" "]


def test_what_can_be_seen_is_not_escaped() -> None:
    seen = {one for one in CHARACTERS if unicodedata.category(one)[0] in "LNPS"}
    assert {one for one in seen if HIDDEN.match(one)} == seen & set(FILLERS)


@given(ANY_TEXT | LIKE_ESCAPES)
def test_a_text_that_was_made_visible_stays_the_same(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert not HIDDEN.search(visible(text))
    assert "\n" in visible(f"{text}\n", keep_newlines=True)


@given(ANY_TEXT | LIKE_ESCAPES, st.integers(1, 400))
def test_a_readable_text_stays_the_same(text: str, times: int) -> None:
    found = readable(text * times)
    assert readable(found) == found
    assert len(found) <= LONG_TEXT
    assert max(map(len, found.split(" "))) <= LONG_WORD


@given(ANY_TEXT | LIKE_ESCAPES)
def test_what_is_readable_is_left_as_it_is(text: str) -> None:
    assert readable(text) == text or not is_readable(text)


def test_each_line_of_several_is_made_readable() -> None:
    assert readable_lines(f"a\x1b\n{'n' * 500}") == f"a\\x1b\n{'n' * 100}…{'n' * 99}"


def test_a_long_name_is_shortened_in_the_middle() -> None:
    assert readable(f"x {'a' * 5_000}{'b' * 5_000} y") == f"x {'a' * 100}…{'b' * 99} y"
    assert shortened("abcdefghij", 5) == "ab…ij"
    assert shortened("abcde", 5) == "abcde"


def test_data_without_surrogates_can_be_encoded() -> None:
    data = {"\udcff": ["a\ud800b", {"c": ("d", 1)}]}
    assert encodable(data) == {r"\udcff": [r"a\ud800b", {"c": ["d", 1]}]}


def test_no_two_odd_names_are_shown_alike() -> None:
    assert len({escape_path(name) for name in ODD_NAMES.values()}) == len(ODD_NAMES)
