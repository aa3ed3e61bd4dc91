"""What a guide of docs/*/guide tells a reader to type, and a folder to type it in."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from tests.conftest import ROOT, UNUSED_PLUGINS
from tests.user_code import forgotten
from tracer.cli import main

FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\w+\.py)\n")

Snippets = list[tuple[str, str]]
"""Blocks of code, each with its language."""


def snippets(page: str) -> Snippets:
    """The blocks of code of a page, each with its language."""
    return FENCED.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def write_files(page: Snippets, folder: Path) -> None:
    """The model of the page about the tool, and the Python files of a page, each by its name."""
    model = next(code for kind, code in snippets("en/tool.md") if kind == "python")
    (folder / "my_unet.py").write_text(model, encoding="utf-8")
    for kind, code in page:
        if kind == "python":
            name = NAMED.match(code)
            assert name is not None, f"which file is this?\n{code}"
            (folder / name[1]).write_text(code, encoding="utf-8")


def check_commands(page: Snippets, folder: Path) -> None:
    """In the order of the page, for one command writes what another reads."""
    for kind, block in page:
        if kind == "console":
            command, _, wanted = block.removeprefix("$ ").partition("\n")
            got = re.sub(r" +$", "", run(command, folder), flags=re.MULTILINE)
            fits = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
            assert fits, f"{command}\n{got}"


def run(command: str, folder: Path) -> str:
    """All that a command prints, standard error included."""
    name, *words = shlex.split(command)
    if name == "unet-trace":
        return ran_here(words, folder)
    options = {"pytest": ["-m", "pytest", "-p", "no:cacheprovider"], "python": []}
    done = subprocess.run(
        [sys.executable, *options[name], *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": UNUSED_PLUGINS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def ran_here(words: list[str], folder: Path) -> str:
    """The same for our own command, which need not wait for a process to import torch."""
    printed = StringIO()
    with chdir(folder), forgotten(folder), redirect_stdout(printed), redirect_stderr(printed):
        main(words)
    return printed.getvalue()
