"""tracer/render/diagram/graphviz_program.py: finding a Graphviz, and running it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.example import example, links, symbolic_example
from tests.render.ladders import ladder
from tracer.analysis.skips import SkipLink
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.diagram.diagram import digraph
from tracer.render.diagram.graphviz_program import Program, drawing, programs, rendered

SOURCE = "digraph { a -> b }"
NOWHERE = {"PATH": "/nonexistent"}
BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}


def program(folder: Path, name: str, body: str) -> Path:
    """An executable that runs Python lines instead of Graphviz."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "dot"])
def test_every_format_is_drawn_without_a_graphviz_of_the_system(form: str) -> None:
    assert rendered(SOURCE, form, NOWHERE).startswith(BEGINNINGS[form])


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_picture_is_the_same_each_time(form: str) -> None:
    assert rendered(SOURCE, form, NOWHERE) == rendered(SOURCE, form, NOWHERE)


def test_the_words_in_a_pdf_can_be_searched() -> None:
    assert b"/Helvetica" in rendered(SOURCE, "pdf", NOWHERE)


@pytest.mark.parametrize(
    ("trace", "skips", "block"),
    [
        (example(), links(example()), None),
        (example(), links(example()), "mid.attn"),
        (symbolic_example(), links(symbolic_example()), None),
        (*ladder(4, 2), None),
    ],
)
def test_our_own_pictures_are_drawn_without_a_complaint(
    trace: Trace, skips: tuple[SkipLink, ...], block: str | None
) -> None:
    source = digraph(trace, block, links=skips).source
    for found in programs(NOWHERE):
        assert drawing(source, "svg", found).messages == ""


def test_the_program_that_the_variable_names_comes_before_dot_and_dot_before_the_bundled_one(
    tmp_path: Path,
) -> None:
    dot = program(tmp_path, "dot", "sys.stdout.write('dot drew ' + sys.argv[1])")
    mine = program(tmp_path, "mine", "sys.stdout.write('mine drew ' + sys.argv[1])")
    path = {"PATH": str(tmp_path)}
    named = path | {"UNET_TRACE_DOT": str(mine)}
    assert [found.path for found in programs(named)][:2] == [str(mine), str(dot)]
    assert rendered(SOURCE, "svg", named) == b"mine drew -Tsvg"
    assert rendered(SOURCE, "pdf", path) == b"dot drew -Tpdf"
    assert [found.name for found in programs(NOWHERE)] == ["graphviz-pure"]


def test_the_bundled_program_draws_pdf_also_where_the_variable_names_it() -> None:
    bundled = next(programs(NOWHERE)).path
    assert rendered(SOURCE, "pdf", {"UNET_TRACE_DOT": bundled}).startswith(BEGINNINGS["pdf"])


def test_the_text_itself_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    assert rendered(SOURCE, "dot", NOWHERE) == SOURCE.encode()


def test_without_any_graphviz_both_ways_to_get_one_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    with pytest.raises(TraceError) as caught:
        rendered(SOURCE, "png", NOWHERE)
    assert str(caught.value) == (
        "There is no Graphviz to draw png with. Install one for this Python (`pip install "
        "graphviz-pure`) or for the whole system (`apt-get install graphviz`, `brew install "
        "graphviz`), or ask for the format dot, which needs none."
    )


def test_a_program_that_cannot_be_run_is_named() -> None:
    environment = NOWHERE | {"UNET_TRACE_DOT": "/nonexistent/dot"}
    with pytest.raises(TraceError, match=r"^UNET_TRACE_DOT \(/nonexistent/dot\) cannot be run: No"):
        rendered(SOURCE, "svg", environment)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "sys.exit('Error: out of ink')",
            "ended with status 1 and drew no svg: Error: out of ink. Set",
        ),
        ("sys.exit(0)", "ended with status 0 and drew no svg. Set"),
        ("import os; os.kill(os.getpid(), 11)", "was ended by signal 11 and drew no svg. Set"),
        ("time.sleep(60)", "was still drawing after 0.5 seconds. Set"),
    ],
)
def test_a_program_that_fails_crashes_or_hangs_is_an_error_that_says_so(
    tmp_path: Path, body: str, said: str
) -> None:
    path = program(tmp_path, "dot", body)
    with pytest.raises(TraceError, match=re.escape(said)):
        drawing(SOURCE, "svg", Program("dot", str(path)), timeout=0.5 if "sleep" in body else 120)


def test_a_mistake_in_the_text_is_told_in_the_words_of_graphviz() -> None:
    with pytest.raises(TraceError, match="syntax error in line 1"):
        rendered("digraph {", "svg", NOWHERE)
