"""The programs that build sites in tests: MkDocs, and Zensical, its successor."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

VARIABLE = "UNET_TRACE_ZENSICAL"
BUILDERS = ("mkdocs", "zensical")
MISSING = (
    "This test builds a site with {name}, which is not installed. `make browser` and "
    "`make nightly` install it; or name the program in {variable}."
)


def builder_program(name: str) -> str:
    """The path of a builder beside this Python; the test fails where there is none."""
    named = os.environ.get(VARIABLE) if name == "zensical" else None
    found = named or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.fail(MISSING.format(name=name, variable=VARIABLE), pytrace=False)
    return found
