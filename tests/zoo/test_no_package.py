"""No code of the tracer is for one of these packages: none is named in it, and no model of theirs.

No package is needed for it, so it runs with all other tests.
"""

from __future__ import annotations

import re

from tests.zoo.record import ROOT, rows

WORDS = {"diffusion", "unet"}
"""Names of packages and models that are words of the field."""


def names() -> set[str]:
    """How the packages and the classes of their models are called, in lower case."""
    found = {name.lower() for one in rows() for name in (one.package, one.model)}
    return (found | {name.replace("-", "_") for name in found}) - WORDS


def test_the_tracer_names_no_package_and_no_model_of_the_zoo() -> None:
    known = names()
    assert len(known) > 50
    for path in (ROOT / "tracer").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert not set(re.findall(r"[\w-]+", path.read_text("utf-8").lower())) & known, path
