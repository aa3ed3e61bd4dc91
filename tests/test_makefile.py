"""`make setup`, with another program for pip."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

PIP = """\
#!/bin/sh
case "$1" in
  install) echo "pip's own message" >&2; exit "${STATUS:-1}" ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What `make setup` reads, with a virtual environment that holds nothing but a pip."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    pip = tmp_path / ".venv/bin/pip"
    pip.parent.mkdir(parents=True)
    pip.write_text(PIP, encoding="utf-8")
    pip.chmod(0o755)
    return tmp_path


def setup(project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return make(project, "setup", **variables)


def make(project: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    outside = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PIP_EXTRA_INDEX_URL"}
    environment = {name: text for name, text in os.environ.items() if name not in outside}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=project,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_install_that_fails_says_what_to_do_and_is_tried_again(project: Path) -> None:
    done = setup(project)
    assert done.returncode == 2
    messages = done.stderr.splitlines()
    assert messages[:2] == [
        "pip's own message",
        "Not everything could be installed into .venv; pip's own messages are above.",
    ]
    assert "PIP_INDEX_URL=... make setup" in messages[2]
    assert not (project / ".venv/ready").exists()
    assert setup(project, STATUS="0").returncode == 0
    assert (project / ".venv/ready").exists()


def test_the_build_of_torch_for_the_cpu_is_named_where_no_index_is_set(project: Path) -> None:
    index = "https://download.pytorch.org/whl/cpu"
    assert f"PIP_EXTRA_INDEX_URL={index}" in setup(project, STATUS="0").stdout
    (project / ".venv/ready").unlink()
    assert "PIP_EXTRA_INDEX_URL" not in setup(project, STATUS="0", PIP_EXTRA_INDEX_URL=index).stdout


@pytest.mark.parametrize(
    "goals", ["site", "test", "browser", "test zoo browser", "browser test", "check browser"]
)
def test_the_site_is_built_once_however_much_is_asked_for(project: Path, goals: str) -> None:
    for name in ("constraints-zoo.txt", "constraints-zensical.txt"):
        shutil.copy(ROOT / name, project / name)
    done = make(project, "--dry-run", *goals.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines().count(".venv/bin/unet-trace site") == 1
