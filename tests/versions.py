"""`make versions`: the tests with each Python, and the oldest and newest PyTorch that is supported.

Each pair gets an environment of its own from nox, which is removed afterwards, because PyTorch
takes gigabytes. Results go to docs/robustness/versions.json, and to the page that shows them. A
pair that cannot be had here, because there is no such Python or no such PyTorch for it, is recorded
as unavailable.

    python -m tests.versions [PYTHON/TORCH ...]       3.12/2.7.0 3.13/newest, for example
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from tests.robustness.page import figures_in, page
from tests.robustness.words import LANGUAGES

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs/robustness/versions.json"
NEWEST = "newest"
VERSION = "from importlib.metadata import version; print(version('torch').partition('+')[0])"
"""What an environment is asked for."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""As in noxfile.py. pyproject.toml claims those with which the tests have passed."""


def main(words: list[str]) -> int:
    """Try pairs of versions, all without arguments; returns 1 if a test failed."""
    figures = known_figures()
    for python, torch in [pair(word) for word in words] or list(pairs()):
        sys.stdout.write(f"Python {python}, PyTorch {torch} ...\n")
        sys.stdout.flush()
        found = try_pair(python, torch)
        for name in [name for name in figures if name.startswith(f"{python}/{torch}/")]:
            del figures[name]
        figures |= {f"{python}/{torch}/{name}": count for name, count in found.items()}
        sys.stdout.write(f"  {found}\n")
        write_figures(figures)
    return any(count for name, count in figures.items() if name.endswith("/failed"))


def pairs() -> Iterator[tuple[str, str]]:
    """Yield each supported Python with the oldest and newest PyTorch."""
    for python in PYTHONS:
        yield from ((python, oldest_torch()), (python, NEWEST))


def pair(word: str) -> tuple[str, str]:
    """Return the Python and the PyTorch that are written as ``3.12/2.7.0``."""
    python, _, torch = word.partition("/")
    return python, torch or NEWEST


def project() -> Mapping[str, object]:
    """Return the table `project` of pyproject.toml."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(config["project"])


def oldest_torch() -> str:
    """Return the oldest PyTorch that pyproject.toml allows."""
    (found,) = re.findall(r"'torch>=([\d.]+)'", repr(project()["dependencies"]))
    return str(found) if str(found).count(".") > 1 else f"{found}.0"


def try_pair(python: str, torch: str) -> dict[str, int | str]:
    """Run the tests with a pair; returns how many passed and failed, or that it is unavailable.

    Where tests ran, `torch` is the version of PyTorch that was installed.
    """
    if shutil.which(f"python{python}") is None:
        return {"unavailable": 1}
    with TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        nox = [sys.executable, "-m", "nox", "--python", python, "-s", "suite"]
        done = subprocess.run([*nox, "--", torch, str(results)], cwd=ROOT, check=False)
        try:
            if not results.exists():
                return {"unavailable": 1} if done.returncode else {}
            found = counts(results.read_text(encoding="utf-8"))
            return {**found, "torch": installed_torch(python)}
        finally:
            shutil.rmtree(ROOT / ".nox", ignore_errors=True)


def installed_torch(python: str) -> str:
    """Return the version of PyTorch in the environment of a session."""
    program = ROOT / f".nox/suite-{python.replace('.', '-')}/bin/python"
    return subprocess.check_output([str(program), "-c", VERSION], text=True).strip()


def counts(xml: str) -> dict[str, int]:
    """Return how many tests passed and failed, from a report of pytest in JUnit's form.

    >>> counts('<a><testsuite tests="9" failures="1" errors="1" skipped="2"/></a>')
    {'passed': 5, 'failed': 2}
    """
    suite = ElementTree.fromstring(xml).find("testsuite")
    if suite is None:
        raise ValueError("this is no report of pytest")
    number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    return {"passed": number["tests"] - failed - number["skipped"], "failed": failed}


def known_figures() -> dict[str, int | str]:
    """Return the figures of earlier runs."""
    return json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}


def write_figures(figures: Mapping[str, int | str]) -> None:
    """Write the figures, the oldest version first, and the page that shows them."""
    FIGURES.parent.mkdir(exist_ok=True)
    text = json.dumps(dict(sorted(figures.items())), indent=2)
    FIGURES.write_text(f"{text}\n", encoding="utf-8")
    for language in LANGUAGES:
        path = ROOT / "docs" / language / "robustness.md"
        path.write_text(page(figures_in(FIGURES.parent), language), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
