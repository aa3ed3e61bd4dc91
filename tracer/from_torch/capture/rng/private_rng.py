"""Random numbers for a run that are drawn from copies of the generators of the process.

The generators of torch, Python and NumPy are shared by all threads. While a model is recorded, its
thread draws from copies. So other threads get the numbers that they would have got anyway, and
after the run no number seems to have been drawn.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from typing import Any

import torch

from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchFunction
from tracer.from_torch.capture.rng.rng_state import NUMPY_RANDOM, rng_states, set_rng_states
from tracer.from_torch.private_torch import (
    DisableTorchDispatch,
    DisableTorchFunction,
    TorchDispatchMode,
)

TORCH_METHODS = {
    "manual_seed": "manual_seed",
    "seed": "seed",
    "initial_seed": "initial_seed",
    "get_rng_state": "get_state",
    "set_rng_state": "set_state",
}
"""The method of a generator behind each function of `torch.random`."""

NUMPY_ALIASES = {"ranf": "random_sample", "sample": "random_sample"}

DrawFunction = Callable[..., Any]


@contextmanager
def rng_isolated() -> Iterator[None]:
    """Let this thread draw from copies of the generators inside the `with` block.

    That works for functions that are called through their module, such as ``random.random()``, and
    for the operations of torch. What is drawn in another way, as by ``from random import random``,
    comes from the shared generators. These are restored, unless there are other threads, which may
    have drawn from them as well.
    """
    before = rng_states()
    outer, PrivateRng.current = PrivateRng.current, PrivateRng(before)
    try:
        with _private_functions():
            yield
    finally:
        PrivateRng.current = outer
        if threading.active_count() == 1:
            set_rng_states(before)


class PrivateRng:
    """Copies of the generators for one thread, each made when it is first used."""

    current: PrivateRng | None = None
    """The copies of the run in progress."""

    def __init__(self, states: tuple[Any, Any, Any]) -> None:
        """Prepare copies of the generators of torch, Python and NumPy in these states."""
        self._thread = threading.get_ident()
        self._states = dict(zip(("torch", "random", "numpy"), states, strict=True))
        self._generators: dict[str, Any] = {}

    @staticmethod
    def of_this_thread() -> PrivateRng | None:
        """The copies that this thread draws from, or None."""
        current = PrivateRng.current
        if current is None or current._thread != threading.get_ident():
            return None
        return current

    def generator(self, package: str) -> Any:
        """Return the copy for "random", "numpy" or "torch"."""
        if package not in self._generators:
            self._generators[package] = _generator(package, self._states[package])
        return self._generators[package]

    @contextmanager
    def as_default(self) -> Iterator[None]:
        """Let operations of torch draw from the copy inside the `with` block."""
        shared, private = torch.default_generator, self.generator("torch")
        with DisableTorchDispatch(), DisableTorchFunction():
            before = shared.get_state()
            shared.set_state(private.get_state())
        try:
            yield
        finally:
            with DisableTorchDispatch(), DisableTorchFunction():
                private.set_state(shared.get_state())
                shared.set_state(before)


class PrivateRngMode(TorchDispatchMode):
    """Lets the operations of a run with real data draw from the copy of torch's generator."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # with True torch imports its compiler, which takes longer than a trace

    def __torch_dispatch__(
        self,
        func: TorchFunction,
        types: Any,
        args: Arguments = (),
        kwargs: Keywords | None = None,
    ) -> Any:
        rng = PrivateRng.of_this_thread()
        if rng is None or torch.Tag.nondeterministic_seeded not in func.tags:
            return func(*args, **(kwargs or {}))
        with rng.as_default():
            return func(*args, **(kwargs or {}))


def _generator(package: str, state: Any) -> Any:
    if package == "random":
        python = random.Random(0)
        python.setstate(state)
        return python
    if package == "numpy":
        numpy = sys.modules[NUMPY_RANDOM].RandomState(0)
        numpy.set_state(state)
        return numpy
    with DisableTorchDispatch(), DisableTorchFunction():
        return torch.Generator().set_state(state)


@contextmanager
def _private_functions() -> Iterator[None]:
    """Replace the functions that draw numbers, in the modules that have them."""
    replaced = []
    for package, namespace, methods in _modules():
        before = {name: namespace[name] for name in methods}
        new = {name: _private(package, methods[name], shared) for name, shared in before.items()}
        namespace.update(new)
        replaced.append((namespace, before, new))
    try:
        yield
    finally:
        for namespace, before, new in replaced:
            for name, shared in before.items():
                if namespace.get(name) is new[name]:
                    namespace[name] = shared


def _modules() -> Iterator[tuple[str, dict[str, Any], Mapping[str, str]]]:
    """Each module with its functions that draw numbers, and the generator's methods behind them."""
    yield "random", vars(random), _PYTHON_METHODS
    yield "torch", vars(torch), TORCH_METHODS
    yield "torch", vars(torch.random), TORCH_METHODS
    numpy = sys.modules.get(NUMPY_RANDOM)
    if numpy is not None:
        yield "numpy", vars(numpy), _numpy_methods()


_PYTHON_METHODS = {
    name: name
    for name, item in vars(random).items()
    if isinstance(getattr(item, "__self__", None), random.Random)
}


@cache
def _numpy_methods() -> Mapping[str, str]:
    numpy = sys.modules[NUMPY_RANDOM]
    names = [name for name in vars(numpy) if not name.startswith("_")]
    return {name: name for name in names if hasattr(numpy.RandomState, name)} | NUMPY_ALIASES


@lru_cache(maxsize=512)
def _private(package: str, method: str, shared: DrawFunction) -> DrawFunction:
    """A function that draws from the copy of a generator in the thread of a run."""

    @wraps(shared)
    def draw(*args: Any, **kwargs: Any) -> Any:
        rng = PrivateRng.of_this_thread()
        if rng is None:
            return shared(*args, **kwargs)
        return getattr(rng.generator(package), method)(*args, **kwargs)

    return draw
