"""tracer/site/models/run_models.py: the models of the site, each run in its own process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tracer.errors import SiteError, TraceError
from tracer.site.content.site_config import SiteModel
from tracer.site.models import run_models
from tracer.site.models.run_models import results_of, results_of_models

MODEL = """
from torch import nn


class Net(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, width, 3, padding=1)

    def forward(self, x):
        return self.layer(x)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(MODEL)
    return path


def site_model(model: Path, name: str = "net", **settings: str) -> SiteModel:
    return SiteModel(name, f"{model}:Net", set=settings, inputs={"x": "1x3x8x8"})


def no_run(missing: list[SiteModel]) -> list[Any]:
    """Stands in for running models, where every result is in the cache."""
    assert missing == []
    return []


@pytest.mark.slow
def test_results_are_those_of_a_run_here_and_are_cached_until_the_code_changes(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [site_model(model), site_model(model, "wide", width="6")]
    first = results_of_models(models, tmp_path / "kept")
    assert list(first) == ["net", "wide"]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))  # where to import from is changed by a run
        assert first["net"] == results_of(site_model(model))
    assert first["wide"].trace.outputs[0].shape == (1, 6, 8, 8)
    with monkeypatch.context() as patch:
        patch.setattr(run_models, "_run_in_processes", no_run)
        assert results_of_models(models, tmp_path / "kept") == first
    model.write_text(MODEL.replace("= 4", "= 5"))
    again = results_of_models(models[:1], tmp_path / "kept")
    assert again["net"].trace.outputs[0].shape == (1, 5, 8, 8)


def test_size_rules_that_no_page_shows_are_not_found(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # where to import from is changed by a run
    hidden = SiteModel("net", f"{model}:Net", shown=False, sizes=False, inputs={"x": "1x3x8x8"})
    found = results_of(hidden)
    assert found.trace.outputs[0].shape == (1, 4, 8, 8)
    assert found.rules is None
    with pytest.raises(SiteError, match="rules of Net: remove `sizes: false` from that trace in"):
        found.size_rules  # noqa: B018 - raises


@pytest.mark.slow
def test_an_error_in_the_other_process_is_raised_here(model: Path, tmp_path: Path) -> None:
    missing = SiteModel("net", f"{model}:Nets")
    with pytest.raises(TraceError) as there:
        results_of_models([missing], tmp_path / "kept")
    with pytest.raises(TraceError) as here:
        results_of(missing)
    assert str(there.value) == str(here.value)
    assert not (tmp_path / "kept").exists()
