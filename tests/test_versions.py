"""`make versions`: which pairs it tries, and how it counts."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import torch

from tests import versions
from tests.conftest import ROOT


def test_the_example_of_the_counts_is_right() -> None:
    report = '<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2"/></testsuites>'
    assert versions.counts(report) == {"passed": 5, "failed": 2}


def test_every_python_is_tried_with_the_oldest_and_the_newest_torch() -> None:
    assert list(versions.pairs())[:2] == [("3.11", versions.oldest_torch()), ("3.11", "newest")]
    assert {python for python, _ in versions.pairs()} == set(versions.PYTHONS)


def test_what_is_claimed_is_tried() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert set(re.findall(r"Python :: (3\.\d+)", text)) <= set(versions.PYTHONS)
    nox = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert tuple(re.findall(r'"(3\.\d+)"', nox)) == versions.PYTHONS


def test_a_python_that_is_not_there_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert versions.try_pair("3.14", "newest") == {"unavailable": 1}


def test_an_environment_is_asked_for_the_version_of_its_torch() -> None:
    found = subprocess.check_output([sys.executable, "-c", versions.VERSION], text=True)
    assert found.strip() == torch.__version__.partition("+")[0]
