"""tracer/site/pages/drawings/sinusoids.py: the heat map of the timestep embedding."""

from __future__ import annotations

import re

import pytest
import torch

from reference_model import get_timestep_embedding
from tracer.site.pages.drawings.sinusoids import DRAWN_TIMESTEPS, sinusoid_table, table
from tracer.site.pages.words import EN


def test_the_drawn_numbers_are_those_of_the_function() -> None:
    expected = get_timestep_embedding(torch.arange(DRAWN_TIMESTEPS), 128)
    assert torch.tensor(table(128, DRAWN_TIMESTEPS)) == pytest.approx(expected, abs=1e-5)


def test_a_shade_covers_the_cells_that_have_it() -> None:
    drawing = sinusoid_table(8, EN)
    areas = re.findall(r'class="(?:plus|minus) s\d" transform="[^"]*" d="([^"]*)"', drawing)
    covered = sum(int(height) for path in areas for height in re.findall(r"h1v(\d+)h-1z", path))
    zeros = sum(round(4 * number) == 0 for row in table(8, DRAWN_TIMESTEPS) for number in row)
    assert covered == 8 * DRAWN_TIMESTEPS - zeros
    assert 'role="img"' in drawing
    assert "the 8 numbers of each" in drawing
