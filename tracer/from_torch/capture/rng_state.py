"""The state of the random number generators of torch, Python and NumPy."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

SEED = 0


@contextmanager
def rng_state_restored() -> Iterator[None]:
    """Restores all generators after the `with` block, as if no number had been drawn."""
    numpy = sys.modules.get("numpy")
    before = random.getstate(), numpy and numpy.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(before[0])
        if numpy:
            numpy.random.set_state(before[1])


@contextmanager
def seeded_rng() -> Iterator[None]:
    """Seeds all generators inside the `with` block, and restores them after it."""
    numpy = sys.modules.get("numpy")
    with rng_state_restored():
        torch.manual_seed(SEED)
        random.seed(SEED)
        if numpy:
            numpy.random.seed(SEED)
        yield
