"""Specimens as parameters of tests. All tests of one run in one process, which traces it once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.zoo.specimens import Specimen
from tests.zoo.table import SPECIMENS

zoo = [
    pytest.mark.zoo,
    pytest.mark.filterwarnings("ignore"),  # what the packages warn of is not ours to mend
]
"""The marks of all tests that need the packages."""


def _parameter(one: Specimen) -> Any:
    return pytest.param(one, id=one.name, marks=pytest.mark.xdist_group(one.name))


each_specimen = pytest.mark.parametrize("one", [_parameter(one) for one in SPECIMENS.values()])
each_real_specimen = pytest.mark.parametrize(
    "one", [_parameter(one) for one in SPECIMENS.values() if one.real]
)
