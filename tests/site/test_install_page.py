"""docs/*/install.md: its figures are those that were measured, and its lines do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.site.guide import snippets
from tests.test_wheel import EXTRAS, FIGURES
from tracer.from_torch.private_torch import MINIMUM_TORCH

PAGES = ("en/install.md", "ko/install.md")
SHELLS = ("bash", "zsh", "fish")


def text(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def test_both_languages_show_the_same_code() -> None:
    english, korean = (snippets(page) for page in PAGES)
    assert english == korean


@pytest.mark.parametrize("page", PAGES)
def test_the_sizes_are_those_that_were_measured(page: str) -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `pip install .+ \| (\d+) \| ([\d,]+) \|$", text(page), re.MULTILINE)
    names = ("plain", *EXTRAS)
    expected = [(figures[f"{one}.packages"], figures[f"{one}.megabytes"]) for one in names]
    assert rows == [(f"{packages}", f"{megabytes:,}") for packages, megabytes in expected]


@pytest.mark.parametrize("page", PAGES)
def test_the_build_for_the_cpu_comes_first(page: str) -> None:
    _, first = snippets(page)[0]
    lines = [line.removeprefix("$ ") for line in first.strip().splitlines()]
    assert lines == [
        "pip install torch --index-url https://download.pytorch.org/whl/cpu",
        "pip install unet-trace",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_the_oldest_torch_is_the_one_that_the_package_requires(page: str) -> None:
    assert f"PyTorch {MINIMUM_TORCH}" in text(page)


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_its_completion(shell: str) -> None:
    variable = f"_UNET_TRACE_COMPLETE={shell}_source"
    assert all(f"{variable} unet-trace" in text(page) for page in PAGES)
    done = subprocess.run(
        [sys.executable, "-m", "unet_trace"],
        env=dict(os.environ, PYTHONPATH=str(ROOT)) | dict([variable.split("=")]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_UNET_TRACE_COMPLETE" in done.stdout
    assert "unet-trace" in done.stdout
