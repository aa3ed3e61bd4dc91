"""The release: its check, the address of the repository, the metadata, and the workflow files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from email.message import Message
from fnmatch import fnmatch
from importlib.metadata import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

NAMES = ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", "README.md", "SECURITY.md")
REPOSITORY = "https://github.com/someone/unet-trace"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEMPLATES = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def module(name: str) -> ModuleType:
    """A file of Python that is in no package."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(Path(name).stem, ROOT / name)
    assert spec is not None
    assert spec.loader is not None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


RELEASE = module(".ci/release.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the files that the check reads."""
    for name in {*NAMES, *RELEASE.NAMING_FILES, ".ci/release.py"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the release step; a repository around the folder for temporary files is not seen."""
    program = [sys.executable, str(project / ".ci/release.py"), *words]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(project.parent)}
    return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def prepare(project: Path) -> None:
    """Do what CONTRIBUTING.md says: the address, the version, the changelog, the citation."""
    assert run(project, "address", REPOSITORY).returncode == 0
    version = RELEASE.version_of(project)
    replace(project / "pyproject.toml", f'version = "{version}"', 'version = "0.1.0"')
    replace(project / "CITATION.cff", f"version: {version}", "version: 0.1.0")
    replace(
        project / "CHANGELOG.md", "## [Unreleased]", "## [Unreleased]\n\n## [0.1.0] - 2027-01-31"
    )


def test_a_release_with_the_placeholder_address_is_refused(project: Path) -> None:
    prepare(project)
    assert run(project, "address", "https://github.com/OWNER/unet-trace").returncode == 0
    done = run(project, "check")
    assert done.returncode == 1
    assert done.stderr == (
        "Not ready for a release: the address of the repository in pyproject.toml is the "
        "placeholder https://github.com/OWNER/unet-trace. Set it with `make address "
        "URL=https://github.com/<account>/unet-trace`.\n"
    )


def test_a_release_that_is_prepared_passes(project: Path) -> None:
    prepare(project)
    done = run(project, "check", "v0.1.0")
    assert (done.returncode, done.stderr) == (0, "")
    named = "".join((project / name).read_text(encoding="utf-8") for name in RELEASE.NAMING_FILES)
    assert "OWNER" not in named


def test_a_release_of_files_that_are_not_committed_is_refused(project: Path) -> None:
    prepare(project)
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    done = run(project, "check", "v0.1.0")
    assert done.returncode == 1
    assert done.stderr == (
        "Not ready for a release: files are not committed: `git status` lists them.\n"
    )


def test_the_address_of_the_site_is_written_beside_that_of_the_repository(project: Path) -> None:
    assert run(project, "site", "https://example.org/unet-trace/").returncode == 0
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    custom = tomllib.loads(text)["tool"]["hatch"]["metadata"]["hooks"]["custom"]
    assert custom["site"] == "https://example.org/unet-trace"
    done = run(project, "site", "unet-trace")
    assert done.returncode == 1
    assert done.stderr == "unet-trace is not an address such as https://example.org/unet-trace.\n"


def test_the_documentation_of_the_metadata_is_the_published_site() -> None:
    urls = module("hatch_build.py").project_urls
    assert (
        urls(REPOSITORY, "https://example.org/unet")["Documentation"] == "https://example.org/unet"
    )
    assert urls(REPOSITORY, "")["Documentation"].startswith(f"{REPOSITORY}/blob/main/docs/")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pyproject.toml", '"0.1.0"', '"0.1.0.dev0"', "0.1.0.dev0 in pyproject.toml is no version"),
        ("CHANGELOG.md", "## [0.1.0]", "## 0.1.0", "CHANGELOG.md has no section"),
        ("CITATION.cff", "version: 0.1.0", "version: 0.2.0", "CITATION.cff has no line"),
        ("SECURITY.md", "someone/", "another/", "SECURITY.md names the account another"),
    ],
)
def test_what_keeps_a_version_from_being_released_is_named(
    project: Path, file: str, old: str, new: str, said: str
) -> None:
    prepare(project)
    replace(project / file, old, new)
    done = run(project, "check")
    assert done.returncode == 1
    assert said in done.stderr


def test_a_tag_that_is_not_the_version_is_refused(project: Path) -> None:
    prepare(project)
    done = run(project, "check", "v0.2.0")
    assert "the tag v0.2.0 is not v0.1.0, the version of pyproject.toml" in done.stderr


def test_every_file_that_names_the_address_is_known() -> None:
    words = ["git", "grep", "-lE", r"github\.com/OWNER|uses: OWNER/", "--", ".", ":!tests", ":!.ci"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        pytest.skip("not a git checkout")
    assert set(done.stdout.split()) == set(RELEASE.NAMING_FILES) - {"README.md"}


# ------------------------------------------------------------------------------------ the metadata


def test_the_links_of_the_package_page_are_absolute_and_lead_to_files() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    made: str = module("hatch_build.py").absolute_links(text, REPOSITORY, "v0.1.0")
    links = re.findall(r"\]\(([^)\s]+)\)", made)
    assert [link for link in links if not link.startswith("https://")] == []
    paths = [link.split("/v0.1.0/")[1].partition("#")[0] for link in links if REPOSITORY in link]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert f"({REPOSITORY}/raw/v0.1.0/docs/assets/readme/map.png)" in made


def test_the_installed_metadata_has_the_urls_of_the_one_setting() -> None:
    found: Message = metadata("unet-trace")  # type: ignore[assignment]
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    repository = config["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]
    urls = dict(text.split(", ") for text in found.get_all("Project-URL", []))
    assert urls["Repository"] == repository
    assert {"Changelog", "Documentation", "Issues"} <= set(urls)


def test_the_source_distribution_has_every_file_of_the_repository() -> None:
    """hatchling adds pyproject.toml and the license by itself."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = config["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    top = {line.partition("/")[0] for line in done.stdout.splitlines()}
    added = {"pyproject.toml", "LICENSE"}
    assert {
        name for name in top - added if not any(fnmatch(f"/{name}", one) for one in patterns)
    } == set()


def test_the_citation_has_the_title_license_and_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == RELEASE.version_of(ROOT)
    assert citation["license"] == "MIT"


# ------------------------------------------------------------------------------------ the workflows


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_targets_and_files_that_exist(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    runs = [step["run"] for step in steps(workflow) if "run" in step]
    called = [word for line in runs for word in re.findall(r"\bmake ([a-z-]+)", line)]
    assert set(called) <= set(targets)
    files = [word for line in runs for word in re.findall(r"\.ci/[\w.]+", line)]
    assert all((ROOT / name).is_file() for name in files)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("${{" not in line for line in runs)
    assert all("@" in step["uses"] for step in steps(workflow) if "uses" in step)


def test_the_workflows_run_all_checks_the_versions_every_system_and_the_release() -> None:
    text = {path.stem: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    assert set(text) == {"checks", "release", "versions"}
    assert "bash .ci/run" in text["checks"]
    assert "[ubuntu-latest, macos-latest, windows-latest]" in text["checks"]
    assert "make versions" in text["versions"]
    assert text["release"].index("release.py check") < text["release"].index("make release")
    assert all("https://download.pytorch.org/whl/cpu" in one for one in text.values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_an_issue_template_asks_for_something(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = form.get("body") or form["contact_links"]
    assert all({"type", "id", "attributes"} <= set(one) or one["url"] for one in asked)


@pytest.mark.nightly
@pytest.mark.slow
def test_the_commands_of_the_smoke_test_run_here() -> None:
    words = [sys.executable, str(ROOT / ".ci/smoke.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ------------------------------------------------------------------------------------ the changelog


def test_no_entry_of_the_changelog_is_there_twice() -> None:
    """Two entries of one section about the same commands or functions are one entry too many."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for section in text.split("\n### ")[1:]:
        entries = re.findall(r"^- (.+(?:\n  .*)*)", section, re.MULTILINE)
        heads = [tuple(re.findall(r"`([^`]+)`", entry)[:2]) for entry in entries]
        doubles = {head for head in heads if len(head) == 2 and heads.count(head) > 1}
        assert doubles == set()
