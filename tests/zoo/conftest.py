"""Runs the tests of one specimen after another, so that only what is measured of one is kept."""

from __future__ import annotations

import pytest

from tests.zoo.specimens import Specimen


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests by their specimens; those without one come first, in the order that they had."""
    items.sort(key=_specimen)


def _specimen(item: pytest.Item) -> str:
    found = item.callspec.params.get("one") if hasattr(item, "callspec") else None
    return found.name if isinstance(found, Specimen) else ""
