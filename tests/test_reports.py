"""Reports from Python: of a model, of a trace, of a session, each with what can be had of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.halved_unet import IMAGE, Halved
from tracer.errors import TraceError
from tracer.render.explorer.document import explorer_document
from tracer.reports import explored_model


class OnNumbers(nn.Module):
    """Asks a tensor for a number, so that it runs on numbers only."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.conv(x)
        return h if h.sum().item() > 0 else h * 2


def test_a_model_has_formulas_and_rules() -> None:
    content = explored_model(Halved(), IMAGE)
    assert [symbol.name for symbol in content.trace.symbols] == ["B", "H", "W"]
    assert content.rules is not None
    assert content.rules.rule("H").multiple == 2


def test_each_kind_of_size_that_fails_has_an_obstacle() -> None:
    document = explorer_document(explored_model(tracer.Session.open("tiny")))
    rules = {rule["name"]: rule for rule in document["rules"]}
    assert [one["common"] for one in rules["W"]["obstacles"]] == [1, 2]
    skips = [document["skips"][one["skip"]] for one in rules["W"]["obstacles"]]
    assert all(skip["join"] == "cat" for skip in skips)
    assert len({skip["popped"] for skip in skips}) == 2
    assert rules["B"]["obstacles"] == []


def test_a_trace_is_shown_with_the_sizes_that_it_has() -> None:
    trace = tracer.trace(Halved(), IMAGE)
    content = explored_model(trace)
    assert content.trace is trace
    assert content.rules is None
    assert any("def forward" in text for text in content.sources.values())


def test_a_model_that_runs_on_numbers_is_shown_in_numbers() -> None:
    content = explored_model(OnNumbers(), (torch.ones(1, 3, 8, 8),))
    assert (content.trace.symbols, content.rules) == ((), None)


def test_inputs_are_for_a_model_only() -> None:
    trace = tracer.trace(Halved(), IMAGE)
    with pytest.raises(TraceError, match="a trace has its inputs"):
        explored_model(trace, IMAGE)


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "net.html"
    with pytest.raises(TraceError, match="no language"):
        tracer.report(Halved(), path, inputs=IMAGE, lang="fr")
    assert not path.exists()
    tracer.report(tracer.trace(Halved(), IMAGE), path)
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
