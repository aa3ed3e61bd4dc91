"""`unet-trace diagram`: how far blocks are expanded, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.render.drawn import read
from tests.user_code import forgotten, write
from tracer.cli import main

NESTED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Inner(nn.Module):
        def __init__(self, ch):
            super().__init__()
            self.e1, self.e2 = nn.Conv2d(ch, ch, 3, 1, 1), nn.Conv2d(ch, ch, 3, 2, 1)
            self.mid, self.d = nn.Conv2d(ch, ch, 3, 2, 1), nn.Conv2d(2 * ch, ch, 3, 1, 1)
            self.last = nn.Conv2d(2 * ch, ch, 3, 1, 1)

        def forward(self, x):
            a = self.e1(x)
            b = self.e2(a)
            h = F.interpolate(self.mid(b), scale_factor=2.0)
            h = F.interpolate(self.d(torch.cat([h, b], 1)), scale_factor=2.0)
            return self.last(torch.cat([h, a], 1)) + x

    class Nested(nn.Module):
        '''A UNet of UNets, with an output for each level of its decoder.'''

        def __init__(self, ch: int = 4, levels: int = 3):
            super().__init__()
            self.head = nn.Conv2d(3, ch, 1)
            self.down = nn.ModuleList(Inner(ch) for _ in range(levels))
            self.fuse = nn.ModuleList(nn.Conv2d(2 * ch, ch, 1) for _ in range(levels - 1))
            self.up = nn.ModuleList(Inner(ch) for _ in range(levels - 1))
            self.heads = nn.ModuleList(nn.Conv2d(ch, 1, 1) for _ in range(levels - 1))

        def forward(self, x):
            h, hs, made = self.head(x), [], []
            for number, block in enumerate(self.down):
                h = block(F.max_pool2d(h, 2) if number else h)
                hs.append(h)
            hs.pop()
            for fuse, block in zip(self.fuse, self.up):
                h = torch.cat([F.interpolate(h, scale_factor=2.0), hs.pop()], 1)
                h = block(fuse(h))
                made.append(h)
            return [head(h) for head, h in zip(self.heads, made)]

    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = Inner(3), Inner(3)

        def forward(self, x):
            return self.second(self.first(x))
    """
INPUT = ("--input", "x=1x3x64x64")

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "nets.py", NESTED)
    with forgotten(tmp_path):
        yield tmp_path


def diagram(*options: str, target: str = "nets.py:Nested") -> str:
    assert main(["diagram", target, *INPUT, "-o", "d.dot", *options]) == 0
    return Path("d.dot").read_text()


def test_nested_unets_are_closed_and_one_line_says_how_to_open_them(capsys: Capture) -> None:
    found = read(diagram())
    said = " ".join(capsys.readouterr().err.split())
    assert said.endswith(
        "To stay readable, the diagram expands blocks to depth 1 only. To see more, use "
        "--depth 2, or --block down.0 for the inside of one block."
    )
    assert found.bands == ["64x64", "32x32", "16x16"]
    assert "n_down_0" in found.boxes
    width, height = found.size
    assert height <= 2 * width


@pytest.mark.parametrize("options", [("--depth", "2"), ("--block", "down.0")])
def test_what_the_line_says_shows_more(options: tuple[str, str], capsys: Capture) -> None:
    source = diagram(*options)
    assert "To stay readable" not in capsys.readouterr().err
    assert re.search(r"n_down_0_e1 ", source)


def test_side_outputs_split_no_band() -> None:
    bands = read(diagram("--depth", "1")).bands
    assert len(bands) == len(set(bands))


def test_two_unets_in_a_row_are_expanded_side_by_side(capsys: Capture) -> None:
    found = read(diagram(target="nets.py:Twice"))
    assert "To stay readable" not in capsys.readouterr().err
    assert found.bands == ["64x64", "32x32", "16x16"]
    lefts = [found.boxes[name][0] for name in ("n_first_e1", "n_first_last", "n_second_e1")]
    assert lefts == sorted(lefts)


def test_a_comparison_draws_both_at_one_readable_depth(capsys: Capture) -> None:
    words = ["diff", "nets.py:Nested", "nets.py:Twice", "--diagram", "both.svg"]
    images = ["--input-a", "x=1x3x64x64", "--input-b", "x=1x3x64x64"]
    assert main([*words, *images]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "To stay readable, the diagrams expand blocks to depth 1 only." in said
    assert "use `unet-trace diagram` with --depth 2." in said
    picture = Path("both.svg").read_text()
    assert 'id="a_n_down_0"' in picture
    assert 'id="b_n_first"' in picture
