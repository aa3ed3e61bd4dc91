"""The script of the explorer is the one that its sources make, and says what it contains."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

import tracer.render.explorer

FOLDER = Path(tracer.render.explorer.__file__).parent
WEB = FOLDER / "web"
SCRIPT = FOLDER / "explorer.js"
LICENSES = FOLDER / "licenses.json"
STALE = "explorer.js is not made from these sources. To make it: make explorer"

needs_node = pytest.mark.skipif(not shutil.which("npm"), reason="needs Node.js and npm")


def run(*command: str, at: Path) -> str:
    """Return what a command says; a failing one fails the test."""
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the packages that they need."""
    web = tmp_path_factory.mktemp("explorer") / "web"
    shutil.copytree(WEB, web, ignore=shutil.ignore_patterns("node_modules"))
    if (WEB / "node_modules").is_dir():
        (web / "node_modules").symlink_to(WEB / "node_modules")
    else:
        run("npm", "ci", "--ignore-scripts", at=web)
    return web


def first_line() -> str:
    return SCRIPT.read_text("utf-8").split("\n", 1)[0]


def test_the_script_is_made_from_its_sources() -> None:
    names = ["build.mjs", "package-lock.json", "package.json"]
    names += [path.relative_to(WEB).as_posix() for path in WEB.glob("src/**/*") if path.is_file()]
    found = sha256()
    for name in sorted(names):
        found.update(f"{name}\0".encode() + (WEB / name).read_bytes() + b"\0")
    assert f"sha256 {found.hexdigest()};" in first_line(), STALE


def test_the_script_can_stand_in_a_page_and_loads_nothing() -> None:
    script = SCRIPT.read_text("utf-8")
    assert "</script" not in script.lower()
    assert re.findall(r"https?://[^\"'`\s)]+", script) == re.findall(
        r"http://www\.w3\.org/[^\"'`\s)]+", script
    )


def test_what_is_bundled_is_named_with_its_version_and_license() -> None:
    bundled = json.loads(LICENSES.read_text("utf-8"))
    locked = json.loads((WEB / "package-lock.json").read_text("utf-8"))["packages"]
    assert {"preact", "@preact/signals", "htm"} <= {one["name"] for one in bundled}
    for one in bundled:
        assert one["version"] == locked[f"node_modules/{one['name']}"]["version"]
        assert f"{one['name']} {one['version']} ({one['license']})" in first_line()
        assert len(one["text"]) > 500


def test_the_lock_file_names_no_registry() -> None:
    locked = json.loads((WEB / "package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, package in locked.items() if "resolved" in package]


def test_versions_are_exact() -> None:
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


@needs_node
def test_building_again_makes_the_same_bytes(copied: Path) -> None:
    run("npm", "run", "build", at=copied)
    assert (copied.parent / SCRIPT.name).read_bytes() == SCRIPT.read_bytes(), STALE
    assert (copied.parent / LICENSES.name).read_bytes() == LICENSES.read_bytes(), STALE


@needs_node
def test_the_types_are_right(copied: Path) -> None:
    run("npm", "run", "types", at=copied)


@needs_node
def test_the_tests_in_javascript_pass() -> None:
    run("npm", "test", at=WEB)
