"""A plain install runs every command but site; a message names the extra that is missing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import GOLDEN, ROOT
from tests.user_code import UNET
from tracer.cli import app

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SITE = {
    *("mkdocs", "material", "markdown", "pymdownx", "babel", "watchdog", "requests"),
    *("backrefs", "paginate", "ghp_import", "mergedeep"),
}
PDF = {"svglib", "reportlab", "lxml", "PIL", "cssselect2", "tinycss2"}
DEVELOPMENT = {"hypothesis", "pytest", "einops", "jaxtyping", "IPython", "playwright"}

COMMANDS = """
show unet.py:UNet --input x=1x3x8x8
stack unet.py:UNet
cost unet.py:UNet
cost unet.py:UNet --symbolic
sizes unet.py:UNet
explain unet.py:UNet --input x=1x3x8x8
annotate unet.py:UNet
verify unet.py:UNet
lock unet.py:UNet -o unet.shapes.yaml
check unet.py:UNet unet.shapes.yaml
diff unet.py:UNet unet.py:UNet
trace unet.py:UNet -o unet.json
report unet.json -o unet.html
show unet.json --format html
stack unet.json --format markdown
checkpoint unet.py:UNet unet.pt
diagram unet.py:UNet -o unet.svg
diagram unet.json -o unet.dot
presets
schema
"""
"""Every command that a plain install runs, with a `dot` on the search path."""

RUN = """
import sys
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{fullname!r}}", name=fullname)

sys.meta_path.insert(0, NotInstalled())
{prelude}
from unet_trace.own_packages import import_own
main = import_own("tracer.cli").main
for words in {commands}:
    print(main(words), *words, file=sys.stderr)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unet.py").write_text(dedent(UNET), encoding="utf-8")
    (tmp_path / "toy.json").write_bytes((GOLDEN / "toy_unet.json").read_bytes())
    return tmp_path


def run(folder: Path, blocked: set[str], *commands: str, prelude: str = "") -> str:
    """Run commands in one process that cannot import some packages; returns standard error."""
    words = [command.split() for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(blocked=blocked, commands=words, prelude=prelude)],
        cwd=folder,
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def add_dot(folder: Path) -> None:
    """A `dot` that draws."""
    program = folder / "dot"
    program.write_text(f"#!{sys.executable}\nprint('<svg></svg>')\n", encoding="utf-8")
    program.chmod(0o755)


SAVE = "import torch, unet; torch.save(unet.UNet().state_dict(), 'unet.pt')"


@pytest.mark.slow
def test_a_plain_install_runs_every_command_but_site(folder: Path) -> None:
    add_dot(folder)
    commands = COMMANDS.strip().splitlines()
    said = run(folder, SITE | PDF | DEVELOPMENT, *commands, prelude=SAVE)
    statuses = re.findall(r"^(\d) (.*)$", said, re.MULTILINE)
    assert {command: status for status, command in statuses} == dict.fromkeys(commands, "0"), said
    named = {command.split()[0] for command in commands}
    assert named == {subcommand.name for subcommand in app.COMMANDS} - {"site"}


@pytest.mark.slow
def test_what_is_missing_is_named_with_the_line_that_installs_it(folder: Path) -> None:
    """The program of the extra draw is not beside the Python of this test."""
    away = "import sysconfig; sysconfig.get_path = lambda name: '/nonexistent'"
    said = run(folder, SITE, "diagram toy.json -o toy.svg", prelude=away)
    assert said.startswith("Error: No Graphviz program to draw svg was found. ")
    assert "`pip install 'unet-trace[draw]'`" in said
    said = run(folder, PDF, "diagram toy.json -o toy.pdf")
    assert said.startswith(
        "Error: To draw a PDF, graphviz-pure needs the package reportlab, which is not installed. "
        "Install it with `pip install 'unet-trace[pdf]'`.\n"
    )
    (folder / "docs").mkdir()
    (folder / "docs/site.yaml").touch()
    said = run(folder, SITE, "site")
    assert said.startswith(
        "Error: The site needs the package mkdocs, which is not installed. "
        "Install it with `pip install 'unet-trace[site]'`.\n"
    )


@pytest.mark.slow
def test_the_site_of_this_project_is_built_in_a_checkout_only(folder: Path) -> None:
    said = run(folder, set(), "site")
    assert said.startswith(f"Error: {folder} has no docs/site.yaml. Name the models of the site: ")
    assert said.count("\n") == 2


def test_a_plain_install_brings_what_the_commands_need_and_no_more() -> None:
    names = {re.split(r"[><=\[]", line)[0] for line in PROJECT["dependencies"]}
    assert names == {"click", "graphviz", "msgspec", "numpy", "PyYAML", "rich", "torch"}


def test_make_installs_all_and_dev() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"-e '\.\[(all,dev)?[^]]*\]'", makefile)) == {"all,dev"}
    assert PROJECT["optional-dependencies"]["all"] == ["unet-trace[draw,pdf,site]"]
