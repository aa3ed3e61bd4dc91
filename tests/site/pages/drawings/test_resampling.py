"""tracer/site/pages/drawings/resampling.py: the pads of Downsample and the copies of Upsample."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import torch
from torch.nn import functional as F

from tracer.site.pages.drawings.resampling import (
    IMAGE_SIDE,
    downsample_pads,
    starts,
    upsample_copies,
)
from tracer.site.pages.words import EN, KO


@pytest.mark.parametrize("pad", [(0, 1), (1, 1)])
def test_the_kernel_starts_where_a_convolution_reads(pad: tuple[int, int]) -> None:
    """A kernel that takes its first pixel only reads the image from there."""
    image = F.pad(torch.arange(IMAGE_SIDE, dtype=torch.float32)[None, None], pad, value=-1)
    first = torch.tensor([[[1.0, 0.0, 0.0]]])
    assert F.conv1d(image, first, stride=2).flatten().tolist() == starts(pad)


def test_both_pads_halve_the_size() -> None:
    drawing = downsample_pads(EN)
    assert drawing.count("6×6 → 3×3") == 2
    assert drawing.count('class="kernel"') == 4
    assert drawing.count('class="center"') == 18
    assert "at pixels 0, 2, 4; with zeros on all sides it starts at −1, 1, 3." in drawing


def test_each_pixel_is_copied_four_times() -> None:
    drawing = upsample_copies(KO)
    letters = re.findall(r">([a-z])</text>", drawing)
    assert [letters.count(letter) for letter in "abcdefghi"] == [5] * 9
    ET.fromstring(drawing)
