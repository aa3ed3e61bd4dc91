"""docs/*/guide/tests.md: every snippet is run, and does what the page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.site.guide import ROOT, check_commands, run, snippets, write_files
from tests.user_code import forgotten

PAGE = snippets("en/guide/tests.md")
YAML = [code for kind, code in PAGE if kind == "yaml"]
LOCK, HOOK, ISOLATED_HOOK, WORKFLOW = YAML


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reader works: the model of the page about the tool, and the files of this one."""
    folder = tmp_path_factory.mktemp("reader")
    write_files(PAGE, folder)
    run("python save.py", folder)
    return folder


def test_both_languages_show_the_same_code() -> None:
    assert snippets("ko/guide/tests.md") == PAGE


def test_each_kind_of_snippet_is_known() -> None:
    assert {kind for kind, _ in PAGE} == {"python", "console", "yaml"}


@pytest.mark.slow
def test_the_commands_print_what_the_page_shows(folder: Path) -> None:
    check_commands(PAGE, folder)
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


def test_the_hook_with_an_environment_of_its_own_gets_torch_for_the_cpu() -> None:
    (hook,) = yaml.safe_load(ISOLATED_HOOK)
    assert hook["id"] == yaml.safe_load(HOOK)["repos"][0]["hooks"][0]["id"]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    index = action["inputs"]["torch-index"]["default"]
    assert hook["additional_dependencies"] == [f"--extra-index-url={index}"]


def test_the_action_of_the_page_is_given_what_it_asks_for() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = yaml.safe_load(WORKFLOW)["jobs"]["shapes"]["steps"]
    given = next(step["with"] for step in steps if "unet-trace" in step.get("uses", ""))
    required = {name for name, one in action["inputs"].items() if one.get("required")}
    assert required <= set(given) <= set(action["inputs"])
