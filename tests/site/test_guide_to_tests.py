"""docs/*/guide/tests.md: every snippet is run, and does what the page says."""

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
from typing import Any

import pytest
import yaml

from tests.user_code import forgotten
from tracer.cli import main

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\w+\.py)\n")


def snippets(page: str) -> list[tuple[str, str]]:
    """The blocks of code of a page, each with its language."""
    return FENCED.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


PAGE = snippets("en/guide/tests.md")
YAML = [code for kind, code in PAGE if kind == "yaml"]
LOCK, HOOK, WORKFLOW = YAML


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reader works: the model of the page about the tool, and the files of this one."""
    folder = tmp_path_factory.mktemp("reader")
    model = next(code for kind, code in snippets("en/tool.md") if kind == "python")
    (folder / "my_unet.py").write_text(model, encoding="utf-8")
    for kind, code in PAGE:
        if kind == "python":
            name = NAMED.match(code)
            assert name is not None, f"which file is this?\n{code}"
            (folder / name[1]).write_text(code, encoding="utf-8")
    run("python save.py", folder)
    return folder


def run(command: str, folder: Path) -> str:
    """All that a command prints, standard error included."""
    name, *words = shlex.split(command)
    if name == "unet-trace":
        return ran_here(words, folder)
    options = {"pytest": ["-m", "pytest", "-p", "no:cacheprovider"], "python": []}
    done = subprocess.run(
        [sys.executable, *options[name], *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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


def test_both_languages_show_the_same_code() -> None:
    assert snippets("ko/guide/tests.md") == PAGE


def test_each_kind_of_snippet_is_known() -> None:
    assert {kind for kind, _ in PAGE} == {"python", "console", "yaml"}


@pytest.mark.slow
def test_the_commands_print_what_the_page_shows(folder: Path) -> None:
    """In the order of the page, for one command writes what another reads."""
    for kind, block in PAGE:
        if kind == "console":
            command, _, wanted = block.removeprefix("$ ").partition("\n")
            got = re.sub(r" +$", "", run(command, folder), flags=re.MULTILINE)
            fits = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
            assert fits, f"{command}\n{got}"
    assert (folder / "small.shapes.yaml").read_text(encoding="utf-8") == LOCK


def test_the_first_test_of_the_page_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    code = (folder / "test_shapes.py").read_text(encoding="utf-8")
    with forgotten(folder):
        names: dict[str, Any] = {}
        exec(compile(code, "test_shapes.py", "exec"), names)
        names["test_shapes"]()


def test_the_hook_of_the_page_is_there() -> None:
    (repository,) = yaml.safe_load(HOOK)["repos"]
    known = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in known]


def test_the_action_of_the_page_is_given_what_it_asks_for() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = yaml.safe_load(WORKFLOW)["jobs"]["shapes"]["steps"]
    given = next(step["with"] for step in steps if "unet-trace" in step.get("uses", ""))
    required = {name for name, one in action["inputs"].items() if one.get("required")}
    assert required <= set(given) <= set(action["inputs"])
