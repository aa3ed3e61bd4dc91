"""One specimen after another, so that what was measured of one need not be kept for the others.

All tests of a specimen go to one worker. Marks of pytest-xdist would say so too, but they are
written into the ids of tests, where pytest 9.2 no longer looks for them.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.zoo.specimens import Specimen

NAMED = re.compile(r"\[(.+\.\w+)")
"""The name of a specimen in the id of a test: package and function."""


class BySpecimen(LoadScopeScheduling):
    """What hands tests out to workers: those of a specimen together."""

    def _split_scope(self, nodeid: str) -> str:
        found = NAMED.search(nodeid)
        return found[1] if found else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySpecimen:
    """Distribute tests by their specimens."""
    return BySpecimen(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by their specimens; those without one come first, in the order that they had."""
    items.sort(key=_specimen)


def _specimen(item: pytest.Item) -> str:
    found = item.callspec.params.get("one") if hasattr(item, "callspec") else None
    return found.name if isinstance(found, Specimen) else ""
