"""The examples in docstrings are run, and every public function has one."""

from __future__ import annotations

import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import tracer

ROOT = Path(tracer.__file__).parents[1]
PACKAGES = (ROOT / "tracer", ROOT / "unet_trace")
EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)
OPTIONS = doctest.ELLIPSIS
WITHOUT_EXAMPLE = {"load_ipython_extension", "unload_ipython_extension"}
"""What IPython calls, in which an example cannot run; every other public function has one."""


def modules_with_examples() -> list[str]:
    """The modules whose source has an example; no other is imported, for some import torch."""
    return sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in package.rglob("*.py")
        if EXAMPLE.search(path.read_text(encoding="utf-8"))
    )


def documented(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_a_module_are_right(name: str) -> None:
    tests = documented(import_module(name))
    assert tests
    for test in tests:
        report: list[str] = []
        result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append)
        assert result.failed == 0, "".join(report)


def test_public_functions_have_an_example() -> None:
    public = {name: getattr(tracer, name) for name in tracer.__all__}
    functions = {name: found for name, found in public.items() if inspect.isfunction(found)}
    missing = {
        name for name, found in functions.items() if not EXAMPLE.search(inspect.getdoc(found) or "")
    }
    assert missing == WITHOUT_EXAMPLE
