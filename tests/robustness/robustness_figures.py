"""The files docs/robustness/*.json: how much was tried, as the tests themselves count it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.conftest import ROOT, Golden

FIGURES = ROOT / "docs" / "robustness"


def check_figures(golden: Golden, part: str, figures: Mapping[str, int]) -> None:
    """Compare figures with those of a part; `--update-golden` writes them, beside those of others.

    Args:
        golden: The fixture.
        part: The name of the file, without its suffix.
        figures: Numbers by their ids; the file may hold others.
    """
    path = FIGURES / f"{part}.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps(dict(sorted({**known, **figures}.items())), indent=2) + "\n"
    golden(f"../../docs/robustness/{part}.json", text)
