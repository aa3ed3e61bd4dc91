"""tracer/notebook/functions.py: what is shown of a trace in a notebook, or at a prompt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

import tracer
from tests.conftest import GOLDEN, ROOT
from tests.example import example
from tests.render.unet_kinds import nested
from tracer.errors import TraceError


@pytest.fixture
def formatter() -> DisplayFormatter:
    """What turns the last value of a cell into what is shown of it."""
    return DisplayFormatter()


class Shell:
    """As much of an IPython as is asked of it."""

    def __init__(self, formatter: DisplayFormatter) -> None:
        self.display_formatter = formatter


@pytest.fixture
def told(formatter: DisplayFormatter) -> Iterator[DisplayFormatter]:
    shell = Shell(formatter)
    tracer.load_ipython_extension(shell)
    yield formatter
    tracer.unload_ipython_extension(shell)


def shown(formatter: DisplayFormatter, value: Any) -> dict[str, str]:
    bundle, _ = formatter.format(value)
    return dict(bundle)


# ----------------------------------------------------------------------------- a trace by itself


def test_a_trace_shows_a_table_and_the_diagram(told: DisplayFormatter) -> None:
    bundle = shown(told, example())
    assert set(bundle) == {"text/plain", "text/html"}
    page = bundle["text/html"]
    assert page.count("<summary>") == 2
    assert "<summary>Blocks</summary>" in page
    assert 'title="up.0.block.0"' in page
    assert "<svg" in page
    assert "skip 2: 1x8x16x16" in page


def test_where_there_is_only_text_a_trace_shows_the_table(told: DisplayFormatter) -> None:
    text = shown(told, example())["text/plain"]
    assert text.splitlines()[0] == "ToyUNet (tests/toy_unet.py:ToyUNet)"
    assert "│ ├ block.0" in text
    assert "Value(name=" not in text


def test_without_the_extension_a_trace_is_shown_as_any_object(
    formatter: DisplayFormatter,
) -> None:
    shell = Shell(formatter)
    tracer.load_ipython_extension(shell)
    tracer.unload_ipython_extension(shell)
    tracer.unload_ipython_extension(shell)
    assert "text/html" not in shown(formatter, example())


CELLS = f"""
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def shows_a_page():
    data, _ = shell.display_formatter.format(shell.user_ns["trace"])
    return "<svg" in data.get("text/html", "")
for cell in sys.argv[1:]:
    shell.run_cell(cell).raise_error()
shell.run_cell("trace = tracer.load({str(GOLDEN / "toy_unet.json")!r})").raise_error()
print(shows_a_page(), "torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("cells", "page"),
    [
        (["import tracer"], True),
        (["import tracer", "%load_ext tracer"], True),
        (["import tracer", "%load_ext tracer", "%unload_ext tracer"], False),
        (["%load_ext tracer", "import tracer"], True),
    ],
)
def test_in_a_running_ipython_it_is_enough_to_import(
    cells: list[str], page: bool, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CELLS, *cells],
        cwd=ROOT,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{page} False"


def test_importing_imports_no_ipython() -> None:
    ask = "import sys, tracer, tracer.notebook.functions; print('IPython' in sys.modules)"
    run = [sys.executable, "-c", ask]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# ------------------------------------------------------------------------------- what one asks for


def test_what_is_shown_needs_no_extension(formatter: DisplayFormatter) -> None:
    for one in (
        tracer.display(example()),
        tracer.table(example()),
        tracer.skip_stack(example()),
        tracer.cost_tables(example()),
        tracer.diagram(example()),
    ):
        assert 'class="unet-trace"' in shown(formatter, one)["text/html"]


def test_a_table_is_of_what_was_asked_for() -> None:
    text = repr(tracer.table(example(), depth=2, path="mid.*"))
    assert "└ block@1" in text
    assert "conv_in" not in text
    page = tracer.display(example(), path=["mid", "conv_*"])._repr_html_()
    assert 'title="mid.attn.qkv"' in page
    assert 'title="up.0.block.0"' not in page


def test_a_path_that_no_block_fits_is_told_at_once() -> None:
    with pytest.raises(TraceError, match='No block of ToyUNet matches "mide"'):
        tracer.table(example(), path="mide")


def test_the_ledger_and_the_costs_are_one_call_away() -> None:
    assert "3 pushes, 3 pops. Last in, first out." in repr(tracer.ledger(example()))
    costs = repr(tracer.cost_tables(example(), depth=1))
    assert "By level" in costs
    assert "5,122,304 FLOPs" in costs


def test_the_ledger_is_the_skip_stack_under_its_earlier_name() -> None:
    assert tracer.ledger is tracer.skip_stack
    assert tracer.at is tracer.resize
    assert tracer.sizes is tracer.size_rules
    assert "skip_stack" in tracer.__all__


def test_text_is_no_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for one in (tracer.table(example()), tracer.cost_tables(example())):
        assert max(map(len, repr(one).splitlines())) <= 60


def test_a_diagram_has_its_document_its_source_and_few_words() -> None:
    found = tracer.diagram(example(), "mid.attn")
    assert found.svg.startswith("<?xml")
    assert found.source.startswith("digraph mid_attn {")
    assert repr(found) == (
        "<Diagram of block mid.attn of ToyUNet (displayed in Jupyter; .svg holds the markup)>"
    )


def test_a_diagram_of_a_block_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(TraceError, match=r'no block mid\.atn\. Did you mean "mid\.attn"'):
        tracer.diagram(example(), "mid.atn")


def test_without_graphviz_the_table_is_shown_and_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNET_TRACE_DOT", str(ROOT / "no-such-program"))
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    page = tracer.display(example())._repr_html_()
    assert 'title="up.0.block.0"' in page
    assert "<svg" not in page
    assert "cannot be run" in page


@pytest.mark.parametrize("body", ["echo hello", "exit 1", "kill -SEGV $$", "true"])
def test_a_graphviz_that_cannot_draw_is_named_below_the_diagram(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dot = tmp_path / "dot"
    dot.write_text(f"#!/bin/sh\n{body}\n")
    dot.chmod(0o755)
    as_usual = tracer.diagram(example())._repr_html_()
    monkeypatch.setenv("UNET_TRACE_DOT", str(dot))
    page = tracer.diagram(example())._repr_html_()
    caption = re.search("<figcaption>(.*?)</figcaption>", page)
    assert caption is not None
    assert f"UNET_TRACE_DOT ({dot})" in caption[1]
    assert caption[1].endswith("graphviz-pure drew instead.")
    assert page.replace(caption[0], "") == as_usual


def test_a_diagram_of_nested_unets_says_how_to_see_more() -> None:
    trace, _ = nested()
    found = tracer.diagram(trace)
    assert "n_enc_0 ->" in found.source
    assert "n_enc_0_enc_0" not in found.source
    page = found._repr_html_()
    assert "tracer.diagram(trace, depth=2)" in page
    assert "tracer.diagram(trace, &quot;enc.0&quot;)" in page
    assert "n_enc_0_enc_0" in tracer.diagram(trace, depth=2).source
    assert "To stay readable" not in tracer.diagram(trace, depth=2)._repr_html_()
