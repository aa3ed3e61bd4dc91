"""`python -m unet_trace`: the command, where `unet-trace` is not on the search path."""

from __future__ import annotations

import sys

from unet_trace.command import main

if __name__ == "__main__":
    sys.exit(main())
