"""The GitHub Action: its steps, run as GitHub runs them, with another program for `gh`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from tests.conftest import GOLDEN, ROOT
from tracer.from_torch.private_torch import MINIMUM_TORCH

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
FIND_CACHE, KEEP_CACHE, INSTALL, CHECK, TELL, FAIL = STEPS
SCRIPTS = {name: step["run"] for name, step in STEPS.items() if "run" in step}
GH = """\
    #!/bin/sh
    for word in "$@"; do echo "$word" >>"$GH_LOG"; done
    case "$*" in *--paginate*) cat "$GH_COMMENTS" ;; *) exit "${GH_STATUS:-0}" ;; esac
    """


@dataclass
class Runner:
    """A machine of GitHub's with a checkout in which a model no longer has its shapes."""

    folder: Path
    comments: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = (GOLDEN / "toy_unet.shapes.yaml").read_text(encoding="utf-8")
        self.lock = self.write("unet.shapes.yaml", text.replace("1,088 params", "544 params"))
        self.write("toy.json", (GOLDEN / "toy_unet.json").read_text(encoding="utf-8"))
        self.write("bin/gh", dedent(GH)).chmod(0o755)
        temp, programs = self.folder / "temp", self.folder / "bin"
        temp.mkdir()
        self.variables = {
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(temp),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GH_LOG": str(self.folder / "gh.log"),
            "GH_COMMENTS": str(self.write("comments", self.comments)),
        }

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        script = self.write("step.sh", SCRIPTS[step])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def check(self, lock: str = "unet.shapes.yaml", arguments: str = "") -> int:
        return self.run(CHECK, TARGET="toy.json", LOCK=lock, ARGUMENTS=arguments).returncode

    def tell(self, status: str = "1", **variables: str) -> str:
        """Comment on a pull request; returns what was printed."""
        words = {"LOCK": "unet.shapes.yaml", "STATUS": status, "REPOSITORY": "me/unet"}
        done = self.run(TELL, **words, NUMBER="7", GH_TOKEN="secret", **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def asked(self) -> list[str]:
        """The words that `gh` was called with."""
        return self.read("gh.log").splitlines()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_what_a_user_gives_never_becomes_a_part_of_a_script() -> None:
    assert all("${{" not in script for script in SCRIPTS.values())
    used = {text for step in STEPS.values() for text in step.get("env", {}).values()}
    named = {text.removeprefix("${{ inputs.").removesuffix(" }}") for text in used}
    assert {"target", "lock", "arguments", "token", "torch-index", "constraints"} <= named


def test_every_input_explains_itself_and_is_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, one in ACTION["inputs"].items():
        assert one["description"]
        assert f"inputs.{name}" in text


def test_the_difference_stands_in_the_summary(runner: Runner) -> None:
    assert runner.check() == 0
    assert r"| changed | `mid.attn` | parameters | 544 | 1,088 |" in runner.read("summary.md")
    assert runner.read("output") == "status=1\n"
    assert runner.run(FAIL, STATUS="1").returncode == 1


def test_a_model_that_has_its_shapes_passes(runner: Runner) -> None:
    runner.lock.write_bytes((GOLDEN / "toy_unet.shapes.yaml").read_bytes())
    assert runner.check() == 0
    assert "Nothing differs" in runner.read("summary.md")
    assert runner.read("output") == "status=0\n"
    assert runner.run(FAIL, STATUS="0").returncode == 0


def test_further_arguments_are_words(runner: Runner) -> None:
    assert runner.check(arguments="--all --strict") == 0
    assert runner.check(arguments="--no-such-option") == 2


def test_what_cannot_be_compared_ends_the_job_at_once(runner: Runner) -> None:
    assert runner.check("missing.yaml") == 2
    assert runner.read("output") == ""


def test_a_pull_request_is_told_once(runner: Runner) -> None:
    runner.check()
    runner.tell()
    words = runner.asked
    body = runner.read("temp/unet-trace-comment.md")
    assert body.startswith("<!-- unet-trace check unet.shapes.yaml -->\n**toy.json against")
    assert words[words.index("POST") :] == [
        "POST",
        "repos/me/unet/issues/7/comments",
        "-F",
        f"body=@{runner.folder}/temp/unet-trace-comment.md",
        "--silent",
    ]


def test_a_comment_that_is_there_is_changed(tmp_path: Path) -> None:
    runner = Runner(tmp_path, comments="42\n43\n")
    runner.check()
    runner.tell(status="0")
    words = runner.asked
    assert words[words.index("PATCH") + 1] == "repos/me/unet/issues/comments/42"
    assert "POST" not in words


def test_a_pull_request_without_differences_is_left_in_peace(runner: Runner) -> None:
    runner.check()
    runner.tell(status="0")
    assert not {"POST", "PATCH"} & set(runner.asked)


def test_a_job_that_may_not_comment_says_so_and_goes_on(runner: Runner) -> None:
    runner.check()
    said = runner.tell(GH_STATUS="1")
    assert said == "::warning::No comment: the job needs the permission pull-requests: write.\n"


# ------------------------------------------------------------------------------------- the install

PYTHON = """\
    #!/bin/sh
    echo "$*" >>"$PYTHON_LOG"
    """
CPU = "https://download.pytorch.org/whl/cpu"


def installed(runner: Runner, **variables: str) -> list[str]:
    """The calls of pip by the step that installs."""
    runner.write("bin/python", dedent(PYTHON)).chmod(0o755)
    index = ACTION["inputs"]["torch-index"]["default"]
    words = {"TORCH_INDEX": index, "CONSTRAINTS": "", "GITHUB_ACTION_PATH": "/action"} | variables
    done = runner.run(INSTALL, PYTHON_LOG=str(runner.folder / "python.log"), **words)
    assert done.returncode == 0, done.stderr
    calls = runner.read("python.log").splitlines()
    return [call.removeprefix("-m pip install ") for call in calls if call.startswith("-m pip")]


def test_the_build_of_torch_for_the_cpu_is_installed_first(runner: Runner) -> None:
    assert installed(runner) == [f"torch>={MINIMUM_TORCH} --index-url {CPU}", "/action"]


def test_an_empty_index_leaves_the_choice_to_pip(runner: Runner) -> None:
    assert installed(runner, TORCH_INDEX="") == ["/action"]


def test_constraints_hold_for_all_that_is_installed(runner: Runner) -> None:
    calls = installed(runner, CONSTRAINTS="pins of mine.txt")
    pins = "--constraint pins of mine.txt"
    assert calls == [f"torch>={MINIMUM_TORCH} --index-url {CPU} {pins}", f"/action {pins}"]


def test_the_cache_is_that_of_pip_and_of_one_python(runner: Runner) -> None:
    assert runner.run(FIND_CACHE).returncode == 0
    found = dict(line.split("=", 1) for line in runner.read("output").splitlines())
    assert found["python"] == sys.implementation.cache_tag
    assert Path(found["folder"]).is_absolute()
    assert STEPS[KEEP_CACHE]["with"]["path"] == "${{ steps.pip.outputs.folder }}"
