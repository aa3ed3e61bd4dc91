"""Runs the installed command on a small model, in a folder whose name is not ASCII, on any system.

It needs the distribution and pytest, and nothing of this checkout. Exit status 1: something failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = """
import torch
from torch import nn

class UNet(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.enter = nn.Conv2d(3, ch, 3, padding=1)
        self.down = nn.Conv2d(ch, ch, 3, stride=2, padding=1)
        self.leave = nn.Conv2d(2 * ch, 3, 3, padding=1)

    def forward(self, x):
        hs = [self.enter(x)]
        h = nn.functional.interpolate(self.down(hs[-1]), scale_factor=2)
        return self.leave(torch.cat([h, hs.pop()], dim=1))
"""
TEST = """
import pytest

@pytest.mark.shape_targets("unet.py:UNet --input x=1x3x8x8")
def test_shapes(shape_trace, shape_lock):
    assert shape_trace == shape_lock("unet.shapes.yaml")
"""
COMMANDS = """
--version
presets
show unet.py:UNet --input x=1x3x8x8
show unet.py:UNet --input x=1x3x8x8 --format markdown -o shapes.md
stack unet.py:UNet --input x=1x3x8x8
cost unet.py:UNet --input x=1x3x8x8 --symbolic
sizes unet.py:UNet --input x=1x3x8x8
verify unet.py:UNet --input x=1x3x8x8
lock unet.py:UNet --input x=1x3x8x8 -o unet.shapes.yaml
check unet.py:UNet unet.shapes.yaml --input x=1x3x8x8
trace tiny -o tiny.json
stack tiny.json --format html -o tiny.html
diagram tiny.json -o tiny.svg
diagram tiny.json -o tiny.png
diagram tiny.json -o tiny.pdf
"""


def main() -> int:
    """Run every command; returns the exit status."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="unet 형상 ") as name:
        folder = Path(name)
        (folder / "unet.py").write_text(MODEL, encoding="utf-8")
        (folder / "test_shapes.py").write_text(TEST, encoding="utf-8")
        for command in COMMANDS.strip().splitlines():
            failed += run(folder, "-m", "unet_trace", *command.split())
        failed += run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        failed += [f"no file {path}" for path in missing(folder)]
    sys.stdout.writelines(f"FAILED: {line}\n" for line in failed)
    sys.stdout.write(
        f"{len(COMMANDS.split(chr(10))) - 1 - len(failed)} passed, {len(failed)} failed\n"
    )
    return 1 if failed else 0


def run(folder: Path, *words: str) -> list[str]:
    """Run Python in a folder; returns the words if it fails."""
    sys.stdout.write(f"$ {' '.join(words)}\n")
    sys.stdout.flush()
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, check=False)
    return [] if done.returncode == 0 else [" ".join(words)]


def missing(folder: Path) -> list[str]:
    """The files that the commands should have written, and did not."""
    written = [line.split()[-1] for line in COMMANDS.splitlines() if " -o " in line]
    return [name for name in written if not (folder / name).stat().st_size]


if __name__ == "__main__":
    sys.exit(main())
