"""docs/diffusers_names.json: what `tracer.diff` pairs of diffusers' UNet2DModel."""

from __future__ import annotations

import json
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.zoo


def test_the_committed_names_are_those_that_are_paired_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs" / "experiments"), *sys.path])
    from diffusers_names import FILE, record

    assert json.loads(FILE.read_text(encoding="utf-8")) == record()
