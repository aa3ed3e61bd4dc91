"""`python -m tracer.cli`, where the command itself is not on the search path."""

from __future__ import annotations

import sys

from tracer.cli.entry_point import main

if __name__ == "__main__":
    sys.exit(main())
