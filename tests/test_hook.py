"""The hook for pre-commit, as another repository uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import GOLDEN, ROOT

HOOKS = ROOT / ".pre-commit-hooks.yaml"
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{
        f"GIT_{who}_{what}": "x@y.z"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    variables = ENVIRONMENT | {"HOME": str(folder), "PRE_COMMIT_HOME": str(folder / "cache")}
    return subprocess.run(
        words, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def committed(folder: Path) -> str:
    """Make a repository of a folder; returns the commit."""
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        done = run(folder, "git", *words)
        assert done.returncode == 0, done.stderr
    return run(folder, "git", "rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository that has a lock file, and calls the hook of this one."""
    hooks, project = tmp_path / "hooks", tmp_path / "project"
    hooks.mkdir()
    project.mkdir()
    shutil.copy(HOOKS, hooks)
    shutil.copy(GOLDEN / "toy_unet.json", project / "toy.json")
    shutil.copy(GOLDEN / "toy_unet.shapes.yaml", project / "unet.shapes.yaml")
    hook = {"id": "unet-trace-check", "args": ["toy.json", "unet.shapes.yaml"]}
    repository = {"repo": str(hooks), "rev": committed(hooks), "hooks": [hook]}
    config = yaml.safe_dump({"repos": [repository]})
    (project / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    (project / ".gitignore").write_text("/cache\n", encoding="utf-8")
    committed(project)
    return project


@pytest.mark.slow
def test_a_commit_that_changes_no_shape_passes_and_another_does_not(project: Path) -> None:
    hook = ["pre-commit", "run", "--all-files"]
    done = run(project, *hook)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "shapes of the UNet" in done.stdout
    lock = project / "unet.shapes.yaml"
    text = lock.read_text(encoding="utf-8").replace("1,088 params", "544 params")
    lock.write_text(text, encoding="utf-8")
    done = run(project, *hook)
    assert done.returncode == 1
    assert "changed  mid.attn  parameters  544     1,088" in done.stdout
    assert "To accept these differences, rewrite unet.shapes.yaml" in done.stdout
