"""The command `unet-trace`: the only part of the package that prints, or writes results.

Importing it imports neither torch nor rich: each command imports what it needs when it runs, so
that help comes at once and a saved trace is shown without torch.
"""

from __future__ import annotations

from tracer.cli.entry_point import main as main

__all__ = ["main"]
