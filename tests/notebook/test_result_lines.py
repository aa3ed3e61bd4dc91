"""Every result has one short line as its repr, the command's tables as its str, and HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
from IPython.lib.pretty import pretty

import tracer
from tests.halved_unet import IMAGE, Halved


def checkpoint(channels: int) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, "net.pt")
        torch.save(Halved().state_dict(), path)
        return tracer.checkpoint(Halved(channels), path)


MAKERS: dict[str, Callable[[], Any]] = {
    "<Trace of Halved: 3 blocks, 5 operations, 1×3×16×16 -> 1×3×16×16>": lambda: tracer.trace(
        Halved(), IMAGE
    ),
    "<Block down: Conv2d, 1×8×16×16 -> 1×8×8×8, 584 parameters>": lambda: tracer.trace(
        Halved(), IMAGE
    ).blocks["down"],
    "<SizeRules of Halved: H and W: multiples of 2, at least 2; any B>": lambda: tracer.sizes(
        Halved(), IMAGE
    ),
    "<Explanation: Halved fails at x 1×3×15×16>": lambda: tracer.explain(Halved(), (1, 3, 15, 16)),
    "<Costs: 1,243 parameters, 406 K FLOPs, 37.0 KiB written>": lambda: tracer.cost(
        tracer.trace(Halved(), IMAGE)
    ),
    "<Costs: 1,243 parameters, 1.58 K·B·H·W FLOPs>": lambda: tracer.cost(
        tracer.trace(Halved(), IMAGE, symbolic=True)
    ),
    "<Comparison of Halved and Halved: 17 differences>": lambda: tracer.diff(
        Halved(), Halved(12), inputs=IMAGE
    ),
    "<Comparison of Halved and Halved: no differences>": lambda: tracer.diff(
        Halved(), Halved(), inputs=IMAGE
    ),
    "<ReplayVerdict of Halved: proven, 5 operations>": lambda: tracer.verify(Halved(), IMAGE),
    "<StateDictComparison: all 6 keys fit>": lambda: checkpoint(8),
    "<StateDictComparison: 1 key of the model found, 5 keys not fitting>": lambda: checkpoint(12),
}
WORDS = {
    "Trace": ("├ down", "1,243 parameters"),
    "Block": ("class", "Conv2d", "584"),
    "SizeRules": ("H and W: multiples of 2", "enter"),
    "Explanation": ("Nearest sizes that work: H = 14 or 16", "F.pad(x"),
    "Costs": ("conv2d", "1,243 parameters", "Bytes"),
    "Comparison": ("A: Halved", "B: Halved"),
    "ReplayVerdict": ("bit for bit", "spread"),
    "StateDictComparison": ("Checkpoint", "fit"),
}
"""What the tables of each kind of result say."""


@cache
def result(line: str) -> Any:
    return MAKERS[line]()


@pytest.mark.parametrize("line", MAKERS)
def test_the_repr_is_one_short_line(line: str) -> None:
    assert repr(result(line)) == line


@pytest.mark.parametrize("line", MAKERS)
def test_the_text_is_what_the_command_shows(line: str) -> None:
    found = result(line)
    text = str(found)
    for word in WORDS[type(found).__name__]:
        assert word.lower() in text.lower()
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("line", MAKERS)
def test_a_notebook_shows_html_and_a_prompt_the_text(line: str) -> None:
    found = result(line)
    if isinstance(found, tracer.Trace):
        return  # IPython is told how a trace is displayed
    assert found._repr_html_().startswith('<section class="unet-trace"')
    assert pretty(found) == str(found)


def test_a_long_line_is_cut() -> None:
    verdict = tracer.ReplayVerdict("Net\n" * 500, True, 1, (), (), spread=0.5)
    assert len(repr(verdict)) < 250
    assert "\n" not in repr(verdict)


def test_the_parts_of_size_rules_are_short() -> None:
    line = "<SizeRules of Halved: H and W: multiples of 2, at least 2; any B>"
    assert len(repr(result(line).rule("H"))) < 300


@pytest.mark.parametrize(
    "function",
    [
        tracer.cost,
        tracer.skips,
        tracer.stack,
        tracer.at,
        lambda model: tracer.save(model, "unused.json"),
        tracer.display,
        tracer.table,
        tracer.diagram,
        tracer.skip_stack,
        tracer.cost_tables,
    ],
)
def test_a_function_of_a_trace_says_how_to_make_one_of_a_model(
    function: Callable[..., object],
) -> None:
    with pytest.raises(tracer.TraceError, match=r"Halved is not a trace: .*tracer\.trace\(model\)"):
        function(Halved())


def test_a_block_that_is_not_there_is_an_error_with_a_similar_one() -> None:
    trace = tracer.trace(Halved(), IMAGE)
    with pytest.raises(KeyError, match=r'no block leaves\. Did you mean "leave"'):
        trace.blocks["leaves"]
    assert trace.blocks.get("leaves") is None
    middle = tracer.Session.open("tiny").trace.blocks
    with pytest.raises(KeyError, match=r'no block middle\. Did you mean "mid"'):
        middle["middle"]
    with pytest.raises(KeyError, match=r"mid itself is not called\. Available: mid\.block_1, "):
        middle["mid"]
    assert "leaves" not in trace.blocks
