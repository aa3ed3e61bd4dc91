"""Specimens as parameters of tests."""

from __future__ import annotations

import pytest

from tests.zoo.table import SPECIMENS

zoo = [
    pytest.mark.zoo,
    pytest.mark.filterwarnings("ignore"),  # what the packages warn of is not ours to mend
]
"""The marks of all tests that need the packages."""


each_specimen = pytest.mark.parametrize("one", SPECIMENS.values(), ids=SPECIMENS)

_real = [one for one in SPECIMENS.values() if one.real]
each_real_specimen = pytest.mark.parametrize("one", _real, ids=[one.name for one in _real])
