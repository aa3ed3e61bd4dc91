"""What all tests share: golden files, which are compared with, or with an option written anew."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "--update-golden"

Golden = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(UPDATE, action="store_true", help="write tests/golden anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a file; its name is told from tests/golden."""
    update = bool(request.config.getoption(UPDATE))

    def check(name: str, text: str) -> None:
        path = (GOLDEN / name).resolve()
        if update:
            path.write_text(text, encoding="utf-8", newline="")
        trouble = difference(path, text)
        if trouble:
            pytest.fail(trouble, pytrace=False)

    return check


def difference(path: Path, text: str) -> str:
    """What tells a text from a golden file, and what to do about it; nothing when they agree."""
    name = path.relative_to(ROOT)
    cure = f"If the new text is right, run `pytest {UPDATE}` and look at the difference in git."
    if not path.exists():
        return f"{name} does not exist. {cure}"
    expected = path.read_bytes().decode()
    if expected == text:
        return ""
    lines = unified_diff(
        expected.splitlines(), text.splitlines(), f"{name}", "what the code says now", lineterm=""
    )
    return "\n".join([f"{name} is another text.", *lines, cure])
