"""A sign of life on standard error, for what may take more than a second; only in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spinner(doing: str) -> Iterator[None]:
    """Inside, a spinner turns beside what is being done; afterwards its line is empty again."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{doing} ..."):
        yield
