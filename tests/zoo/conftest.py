"""Runs the tests of one specimen after another, so that only what is measured of one is kept.

Tests that the tracer is known to fail on a specimen are expected to fail.
"""

from __future__ import annotations

import pytest

from tests.zoo.specimens import Specimen, fault_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests by their specimens; those without one come first, in the order that they had."""
    items.sort(key=_name)
    for item in items:
        one = _specimen(item)
        if one is not None and (fault := fault_of(one, _test(item))):
            item.add_marker(pytest.mark.xfail(reason=fault, strict=True))


def _name(item: pytest.Item) -> str:
    one = _specimen(item)
    return one.name if one is not None else ""


def _specimen(item: pytest.Item) -> Specimen | None:
    found = item.callspec.params.get("one") if hasattr(item, "callspec") else None
    return found if isinstance(found, Specimen) else None


def _test(item: pytest.Item) -> str:
    return getattr(item, "originalname", "").removeprefix("test_")
