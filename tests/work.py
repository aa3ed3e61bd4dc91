"""How much work and memory a function takes, in numbers that are the same on every machine."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(function: Callable[[], object]) -> int:
    """How many lines of Python a call runs; each turn of a loop or a generator counts."""
    count = 0

    def observe(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line"
        return observe

    before = sys.gettrace()
    sys.settrace(observe)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


def peak_memory(function: Callable[[], object]) -> int:
    """How many bytes the objects of a call take at most, at the same time."""
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
