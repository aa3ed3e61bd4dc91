"""The command `unet-trace`, with `tracer` of unet-trace whatever else has that name."""

from __future__ import annotations

import sys

from unet_trace.own_packages import OwnPackageError, import_own

CANNOT_START = 2


def main() -> int:
    """Run the command with the arguments of this process, and return its exit status."""
    try:
        run = import_own("tracer.cli").main
    except OwnPackageError as error:
        sys.stderr.write(f"Error: {error}.\n")
        return CANNOT_START
    return int(run())
