"""What is asked for is data, and its text can be pasted behind `unet-trace show`."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import TraceError
from tracer.target_spec import TargetSpec

TEXTS = st.text(min_size=1, max_size=8).filter(lambda text: "\0" not in text)
NAMES = TEXTS.filter(lambda text: "=" not in text)
AXES = st.lists(st.from_regex(r"[A-Za-z0-9*/]{1,4}", fullmatch=True), min_size=1).map(tuple)


@given(
    st.builds(
        TargetSpec,
        target=TEXTS,
        settings=st.dictionaries(NAMES, TEXTS, max_size=2),
        inputs=st.dictionaries(NAMES, TEXTS, max_size=2),
        dims=st.dictionaries(NAMES, AXES, max_size=2),
        vary=st.lists(NAMES, max_size=2).map(tuple),
        size=st.lists(st.integers(1, 4096), max_size=3).map(tuple),
        batch=st.integers(0, 64),
    )
)
def test_the_text_of_a_request_is_read_back_as_the_same_request(spec: TargetSpec) -> None:
    assert TargetSpec.parse(str(spec)) == spec


def test_a_shell_reads_its_words() -> None:
    spec = TargetSpec("a b.py:Net", {"name": "it's"}, {"x": "1x3"}, dims={"x": ("B", "3")})
    assert shlex.split(str(spec)) == [
        *("a b.py:Net", "--set", "name=it's", "--input", "x=1x3", "--dims", "x=B,3")
    ]


def test_formulas_without_names_are_asked_for_by_an_option_of_their_own() -> None:
    assert str(TargetSpec("tiny", symbolic=True)) == "tiny --symbolic"
    assert str(TargetSpec("tiny", symbolic=True, vary=("ch",))) == "tiny --vary ch"
    assert TargetSpec("tiny", vary=("ch",)).in_formulas


@pytest.mark.parametrize(
    "text",
    ["tiny --depth 2", "tiny --set", "tiny --set ch", "tiny ch=64", "tiny --symbolic=x", "tiny '"],
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(TraceError, match="A target may be followed by --set NAME=VALUE, --input"):
        TargetSpec.parse(text)


def test_a_text_that_is_no_command_is_a_target_by_itself() -> None:
    assert TargetSpec.from_text("my own words") == TargetSpec("my own words")


def test_a_file_is_looked_up_from_a_folder_and_a_module_is_not() -> None:
    folder = Path("models")
    assert TargetSpec("unet.py:UNet").inside(folder).target == "models/unet.py:UNet"
    assert TargetSpec("trace.json").inside(folder).target == "models/trace.json"
    assert TargetSpec("package.unet:UNet").inside(folder).target == "package.unet:UNet"
    assert TargetSpec("tiny").inside(folder).target == "tiny"


def test_requests_can_be_compared_and_hashed() -> None:
    one, other = TargetSpec("tiny", {"ch": "8"}), TargetSpec("tiny", {"ch": "16"})
    assert one != other
    assert len({one, other, TargetSpec("tiny", {"ch": "8"})}) == 2
