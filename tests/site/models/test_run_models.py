"""tracer/site/traces.py: the models of the site, run in processes of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tracer.errors import TraceError
from tracer.site.content.site_config import SiteModel
from tracer.site.models import run_models
from tracer.site.models.run_models import find, find_all

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


def asked(model: Path, name: str = "net", **settings: str) -> SiteModel:
    return SiteModel(name, f"{model}:Net", set=settings, inputs={"x": "1x3x8x8"})


@pytest.mark.slow
def test_a_run_in_another_process_finds_the_same_and_is_not_run_again_until_the_code_changes(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = [asked(model), asked(model, "wide", width="6")]
    first = find_all(plan, tmp_path / "kept")
    assert list(first) == ["net", "wide"]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))  # where to import from is changed by a run
        assert first["net"] == find(asked(model))
    assert first["wide"].trace.outputs[0].shape == (1, 6, 8, 8)
    with monkeypatch.context() as patch:
        patch.setattr(
            run_models, "_run", lambda missing: [] if not missing else pytest.fail("a run")
        )
        assert find_all(plan, tmp_path / "kept") == first
    model.write_text(MODEL.replace("= 4", "= 5"))
    again = find_all(plan[:1], tmp_path / "kept")
    assert again["net"].trace.outputs[0].shape == (1, 5, 8, 8)


@pytest.mark.slow
def test_what_goes_wrong_in_the_other_process_is_told_as_if_it_had_gone_wrong_here(
    model: Path, tmp_path: Path
) -> None:
    missing = SiteModel("net", f"{model}:Nets")
    with pytest.raises(TraceError) as there:
        find_all([missing], tmp_path / "kept")
    with pytest.raises(TraceError) as here:
        find(missing)
    assert str(there.value) == str(here.value)
    assert not (tmp_path / "kept").exists()
