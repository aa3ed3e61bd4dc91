"""A user's own files, written for a test; what was imported from them is forgotten afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from types import ModuleType

UNET = """
    import torch
    from torch import nn

    class UNet(nn.Module):
        '''One resolution down and up again, with one skip, on a list.'''

        def __init__(self, ch: int = 8, in_channels: int = 3, *, bias: bool = True):
            super().__init__()
            self.conv_in = nn.Conv2d(in_channels, ch, 3, padding=1, bias=bias)
            self.down = nn.Conv2d(ch, ch, 3, stride=2, padding=1)
            self.up = nn.Upsample(scale_factor=2)
            self.conv_out = nn.Conv2d(2 * ch, in_channels, 3, padding=1)

        def forward(self, x):
            hs = [self.conv_in(x)]
            h = self.up(self.down(hs[-1]))
            return self.conv_out(torch.cat([h, hs.pop()], dim=1))
    """


def write(folder: Path, name: str, *parts: str) -> Path:
    """A file of Python with these parts, one below the other; folders on the way are made."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(dedent, parts)), encoding="utf-8")
    return path


@contextmanager
def forgotten(folder: Path) -> Iterator[None]:
    """Inside, files may be imported; afterwards Python knows nothing of those in a folder."""
    before = list(sys.path)
    try:
        yield
    finally:
        start = f"{folder}{os.sep}"
        inside = [name for name, module in sys.modules.items() if _is_in(start, module)]
        for name in inside:
            del sys.modules[name]
        sys.path[:] = before


def _is_in(start: str, module: object) -> bool:
    """Whether a module is of a file in a folder, or is a package without a file there.

    The folder is given as the start of the paths in it: thousands of modules are asked.
    """
    if not isinstance(module, ModuleType):
        return False
    file = vars(module).get("__file__")
    places = [file] if file else list(vars(module).get("__path__") or ())
    return any(isinstance(one, str) and f"{one}{os.sep}".startswith(start) for one in places)
