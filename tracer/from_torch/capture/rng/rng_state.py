"""The state of the random number generators of torch, Python and NumPy: restored, or seeded."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from tracer.from_torch.private_torch import DisableTorchDispatch, DisableTorchFunction

SEED = 0
NUMPY_RANDOM = "numpy.random"
"""NumPy imports it only when it is first used."""


@contextmanager
def rng_state_restored() -> Iterator[None]:
    """Restore all generators after the `with` block, as if no number had been drawn."""
    before = rng_states()
    try:
        yield
    finally:
        set_rng_states(before)


@contextmanager
def seeded_rng(seed: int = SEED) -> Iterator[None]:
    """Seed all generators inside the `with` block, and restore them after it."""
    numpy = sys.modules.get("numpy")
    numpy_random = numpy and numpy.random  # loaded here, or its state would not be restored
    with rng_state_restored():
        torch.manual_seed(seed)
        random.seed(seed)
        if numpy_random:
            numpy_random.seed(seed)
        yield


def rng_states() -> tuple[Any, Any, Any]:
    """Return the states of the generators of torch, Python and NumPy, None for one not loaded."""
    numpy = sys.modules.get(NUMPY_RANDOM)
    with DisableTorchDispatch(), DisableTorchFunction():
        state = torch.default_generator.get_state()
    return state, random.getstate(), numpy and numpy.get_state()


def set_rng_states(states: tuple[Any, Any, Any]) -> None:
    """Set the states that `rng_states` returned."""
    with DisableTorchDispatch(), DisableTorchFunction():
        torch.default_generator.set_state(states[0])
    random.setstate(states[1])
    if states[2]:
        sys.modules[NUMPY_RANDOM].set_state(states[2])
