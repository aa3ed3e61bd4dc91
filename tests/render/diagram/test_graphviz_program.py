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
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import Program, programs, render_dot, run_program

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
def test_every_format_is_drawn_without_a_system_graphviz(form: str) -> None:
    assert render_dot(SOURCE, form, NOWHERE).startswith(BEGINNINGS[form])


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_drawing_is_the_same_each_time(form: str) -> None:
    assert render_dot(SOURCE, form, NOWHERE) == render_dot(SOURCE, form, NOWHERE)


def test_the_text_in_a_pdf_can_be_searched() -> None:
    assert b"/Helvetica" in render_dot(SOURCE, "pdf", NOWHERE)


@pytest.mark.parametrize(
    ("trace", "skips", "block"),
    [
        (example(), links(example()), None),
        (example(), links(example()), "mid.attn"),
        (symbolic_example(), links(symbolic_example()), None),
        (*ladder(4, 2), None),
    ],
)
def test_diagrams_are_drawn_without_warnings(
    trace: Trace, skips: tuple[SkipLink, ...], block: str | None
) -> None:
    source = digraph(trace, block, links=skips).source
    for found in programs(NOWHERE):
        assert run_program(source, "svg", found).messages == ""


def test_the_programs_are_tried_in_order_variable_dot_bundled(
    tmp_path: Path,
) -> None:
    dot = program(tmp_path, "dot", "sys.stdout.write('dot drew ' + sys.argv[1])")
    mine = program(tmp_path, "mine", "sys.stdout.write('mine drew ' + sys.argv[1])")
    path = {"PATH": str(tmp_path)}
    named = path | {"UNET_TRACE_DOT": str(mine)}
    assert [found.path for found in programs(named)][:2] == [str(mine), str(dot)]
    assert render_dot(SOURCE, "svg", named) == b"mine drew -Tsvg"
    assert render_dot(SOURCE, "pdf", path) == b"dot drew -Tpdf"
    assert [found.name for found in programs(NOWHERE)] == ["graphviz-pure"]


def test_the_bundled_program_draws_pdf_also_if_the_variable_names_it() -> None:
    bundled = next(programs(NOWHERE)).path
    assert render_dot(SOURCE, "pdf", {"UNET_TRACE_DOT": bundled}).startswith(BEGINNINGS["pdf"])


def test_the_dot_text_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    assert render_dot(SOURCE, "dot", NOWHERE) == SOURCE.encode()


def test_without_any_graphviz_the_message_names_both_ways_to_install_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    with pytest.raises(TraceError) as caught:
        render_dot(SOURCE, "png", NOWHERE)
    assert str(caught.value) == (
        "No Graphviz program to draw png was found. Install one for this Python (`pip install "
        "'unet-trace[draw]'`) or for the whole system (`apt-get install graphviz`, `brew install "
        "graphviz`), or use the format dot, which needs none."
    )


def test_a_program_that_cannot_be_run_is_named() -> None:
    environment = NOWHERE | {"UNET_TRACE_DOT": "/nonexistent/dot"}
    with pytest.raises(TraceError, match=r"^UNET_TRACE_DOT \(/nonexistent/dot\) cannot be run: No"):
        render_dot(SOURCE, "svg", environment)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "sys.exit('Error: out of ink')",
            "exited with status 1 and wrote no svg: Error: out of ink. Set",
        ),
        ("sys.exit(0)", "exited with status 0 and wrote no svg. Set"),
        ("import os; os.kill(os.getpid(), 11)", "was killed by signal 11 and wrote no svg. Set"),
        ("time.sleep(60)", "did not finish within 0.5 seconds. Set"),
    ],
)
def test_a_program_that_fails_crashes_or_hangs_is_reported(
    tmp_path: Path, body: str, said: str
) -> None:
    path = program(tmp_path, "dot", body)
    with pytest.raises(TraceError, match=re.escape(said)):
        run_program(
            SOURCE, "svg", Program("dot", str(path)), timeout=0.5 if "sleep" in body else 120
        )


def test_a_syntax_error_is_reported_in_graphviz_words() -> None:
    with pytest.raises(TraceError, match="syntax error in line 1"):
        render_dot("digraph {", "svg", NOWHERE)
