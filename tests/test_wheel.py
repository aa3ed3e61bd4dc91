"""The wheel in an environment of its own, outside the checkout: measured, and every command is run.

`make wheel` runs these tests and writes what an install takes into docs/robustness/install.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.test_extras import COMMANDS, SAVE
from tests.conftest import ROOT, UPDATE
from tests.robustness.words import LANGUAGES
from tests.site.foreign_project import write_foreign_project
from tests.user_code import UNET, write

FIGURES = ROOT / "docs/robustness/install.json"
EXTRAS = ("draw", "pdf", "site")
"""In the order in which they are added to one environment."""

OF_THE_CHECKOUT = {"PYTHONPATH", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"}
"""Variables with paths in the checkout, where the environment does not look."""

TEST = """
    import pytest
    import unet_trace as ours

    @pytest.mark.shape_targets("unet.py:UNet --input x=1x3x8x8")
    def test_shapes(shape_trace):
        ours.assert_shapes(shape_trace, {"in:": "b 3 h w"})
    """
FOREIGN_TEST = """
    import tracer

    def test_the_tracer_of_this_project():
        assert tracer.OWNER == "somebody else"
    """


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the folder in which its programs run."""

    path: Path
    folder: Path

    def run(self, *words: str, status: int = 0) -> str:
        """Run a program of the environment; returns both streams."""
        program, *rest = words
        done = subprocess.run(
            [str(self.path / "bin" / program), *rest],
            cwd=self.folder,
            env={name: text for name, text in os.environ.items() if name not in OF_THE_CHECKOUT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def install(self, *words: str) -> None:
        pins = str(ROOT / "constraints.txt")
        self.run("python", "-m", "pip", "install", "--quiet", "--constraint", pins, *words)

    def figures(self) -> dict[str, int]:
        """The number of packages without pip, and the megabytes on disk."""
        listed = json.loads(self.run("python", "-m", "pip", "list", "--format", "json"))
        files = (path for path in self.path.rglob("*") if path.is_file() and not path.is_symlink())
        size = sum(path.stat().st_size for path in files)
        return {
            "packages": sum(one["name"] != "pip" for one in listed),
            "megabytes": round(size / 1e6),
        }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *words], check=True)
    (path,) = folder.glob("unet_trace-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment with the wheel and what it needs, and an empty folder."""
    environment, folder = tmp_path_factory.mktemp("venv"), tmp_path_factory.mktemp("project")
    subprocess.run(
        [sys.executable, "-m", "virtualenv", "--quiet", str(environment)], check=True, cwd=folder
    )
    found = Environment(environment, folder)
    found.install(str(wheel))
    return found


@pytest.fixture(scope="module")
def plain(installed: Environment) -> Environment:
    """The same with a model in the folder."""
    found, folder = installed, installed.folder
    (folder / "unet.py").write_text(dedent(UNET), encoding="utf-8")
    found.run("python", "-c", SAVE)
    return found


@pytest.mark.nightly
@pytest.mark.slow
def test_the_wheel_runs_every_command_beside_a_foreign_tracer(
    plain: Environment, wheel: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Then with a foreign tracer and reference_model beside it, and under `python -m pytest`."""
    measured = {"plain": plain.figures()}
    commands = [line for line in COMMANDS.strip().splitlines() if ".svg" not in line]
    for command in commands:
        plain.run("unet-trace", *command.split())
    for name in ("tracer.py", "reference_model.py"):
        (plain.folder / name).write_text("OWNER = 'somebody else'\n", encoding="utf-8")
    for command in commands:
        plain.run("python", "-m", "unet_trace", *command.split())
    for extra in EXTRAS:
        plain.install(f"{wheel}[{extra}]")
        measured[extra] = plain.figures()
    plain.run("unet-trace", "diagram", "unet.json", "-o", "unet.pdf")
    check_site_in_empty_folder(replace(plain, folder=tmp_path))
    check_site(plain)
    check_pytest(plain)
    if request.config.getoption(UPDATE):
        write_figures(measured)


def check_site_in_empty_folder(environment: Environment) -> None:
    """A site in both languages, where there is nothing but the file of the model."""
    write(environment.folder, "my.py", UNET, "\nnet = UNet()\n")
    environment.run("unet-trace", "site", "my.py:net", "-o", "site")
    for language in LANGUAGES:
        page = environment.folder / "site" / language / "source.html"
        assert "<unet-explorer" in page.read_text(encoding="utf-8")


def check_site(environment: Environment) -> None:
    """A site of a model, and a foreign project with three blocks, beside a foreign tracer.

    Both are built by both builders.
    """
    kept = ("--notes", "notes", "--sources", "pages")
    environment.run("unet-trace", "site", "unet.py:UNet", *kept, "-o", "own")
    assert (environment.folder / "own/ko/source.html").is_file()
    write_foreign_project(environment.folder, "unet.py:UNet")
    environment.run("mkdocs", "build", "--strict", "--quiet", "-d", "built")
    environment.install("--constraint", str(ROOT / "constraints-zensical.txt"), "zensical")
    environment.run("zensical", "build", "--strict")
    for page in ("built/index.html", "site/index.html"):
        assert (environment.folder / page).read_text("utf-8").count("<unet-explorer") == 3
    pages = replace(environment, folder=environment.folder / "pages")
    for language in ("en", "ko"):
        pages.run("zensical", "build", "--strict", "-f", f"mkdocs.{language}.yml")
        assert (pages.folder / f"site/{language}/source.html").is_file()


def check_pytest(environment: Environment) -> None:
    """The plugin traces a model, and leaves the tests of another `tracer` alone."""
    environment.install("pytest")
    for name, text in (("test_shapes.py", TEST), ("test_foreign.py", FOREIGN_TEST)):
        (environment.folder / name).write_text(dedent(text), encoding="utf-8")
    for words in (["test_shapes.py"], ["test_foreign.py"]):
        assert "1 passed" in environment.run("python", "-m", "pytest", "-q", *words)
    assert "1 passed" in environment.run("pytest", "-q", "test_shapes.py")


def write_figures(measured: dict[str, dict[str, int]]) -> None:
    """Write the figures of a plain install, and of it with the extras one after another."""
    numbers = {
        f"{name}.{what}": count for name, found in measured.items() for what, count in found.items()
    }
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


def test_the_figures_are_there_for_a_plain_install_and_each_extra() -> None:
    names = [f"{name}.{what}" for name in ("plain", *EXTRAS) for what in ("packages", "megabytes")]
    assert list(json.loads(FIGURES.read_text(encoding="utf-8"))) == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_on_installing_shows_the_figures(language: str) -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / language / "install.md").read_text(encoding="utf-8")
    rows = [line.split("|")[-3:-1] for line in page.splitlines() if "| `pip install" in line]
    shown = [int(cell.replace(",", "")) for row in rows for cell in row]
    assert shown == list(figures.values())
