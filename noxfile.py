"""One session: the tests with a version of Python and of PyTorch. `make versions` runs it for each.

    nox --python 3.12 -- 2.7.0 results.xml

Extra arguments after these two go to pytest.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
NEWEST = "newest"
"""Instead of a version of PyTorch: what pip offers."""

LEFT_OUT = (
    "tests/site",
    "tests/browser",
    "tests/benchmarks",
    "tests/zoo",
    "tests/test_wheel_notebook.py",
    "tests/robustness/test_page.py",
)
"""Tests that need more packages: of this project's site, in a browser, and of other packages. The
last looks at the results that these runs write, so one pair that failed would fail the others."""

MARKERS = "not slow and not nightly and not browser and not zoo"

nox.options.error_on_missing_interpreters = True


@nox.session(python=PYTHONS, venv_backend="venv")
def suite(session: nox.Session) -> None:
    """Install PyTorch, then this project, and run the tests."""
    torch, results, *others = session.posargs
    pins = Path(session.create_tmp()) / "constraints.txt"
    lines = Path("constraints.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    pins.write_text("".join(line for line in lines if not line.startswith("torch==")))
    wanted = "torch" if torch == NEWEST else f"torch=={torch}"
    session.install(wanted, "-c", str(pins))
    session.install(wanted, "-e", ".[all,test]", "-c", str(pins))
    session.run("python", "-c", "import torch; print('torch', torch.__version__)")
    # a deprecation in a newer PyTorch is no failure of this project
    options = ["-q", "-m", MARKERS, "-o", "filterwarnings=default", f"--junitxml={results}"]
    ignored = [f"--ignore={folder}" for folder in LEFT_OUT]
    chosen = others or ["tests", "-n", os.environ.get("WORKERS", "2")]
    session.run("pytest", *options, *ignored, *chosen, success_codes=[0, 1])
