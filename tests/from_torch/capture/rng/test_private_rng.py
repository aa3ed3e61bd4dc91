"""The random numbers of other threads are theirs, and after a run none seems to have been drawn."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import random as drawn_by_name

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tracer
from tracer.from_torch.capture.rng.rng_state import rng_state_restored, rng_states

X = torch.ones(2, 3)


class Draws(nn.Module):
    """Draws from all generators, and seeds them; on real data if `decides`."""

    def __init__(self, *, seeds: bool = True, decides: bool = False) -> None:
        super().__init__()
        self.seeds, self.decides = seeds, decides
        self.dropout = nn.Dropout()

    def forward(self, x: Tensor) -> Tensor:
        if self.seeds:
            random.seed(1)
            np.random.seed(2)
            torch.manual_seed(3)
        x = self.dropout(x) * random.random() + random.randint(1, 3) + np.random.rand()
        x = x + torch.rand(3) + torch.randn_like(x) + float(np.random.normal())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            x = x + torch.rand(3)
        return x * 2 if self.decides and x.sum() > -1e9 else x


def numbers() -> tuple[float, float, float]:
    """The next number of each generator."""
    return random.random(), float(np.random.rand()), float(torch.rand(()))


@contextmanager
def seeded() -> Iterator[None]:
    with rng_state_restored():
        random.seed(0)
        np.random.seed(0)
        torch.manual_seed(0)
        yield


def sequence(count: int) -> list[tuple[float, float, float]]:
    with seeded():
        return [numbers() for _ in range(count)]


each_kind = pytest.mark.parametrize("decides", [False, True], ids=["without data", "on real data"])
each_seeding = pytest.mark.parametrize("seeds", [False, True], ids=["draws", "seeds"])


@contextmanager
def idle_thread() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@each_kind
@each_seeding
def test_after_a_run_no_number_has_been_drawn(decides: bool, seeds: bool) -> None:
    expected = sequence(1)
    with seeded(), idle_thread():
        tracer.trace(Draws(seeds=seeds, decides=decides), X)
        assert [numbers()] == expected


@each_seeding
def test_another_thread_gets_the_numbers_that_it_would_have_got(seeds: bool) -> None:
    expected = sequence(400)
    model, found, stop = Draws(seeds=seeds), list[tuple[float, float, float]](), threading.Event()

    def draw() -> None:
        while not stop.is_set() and len(found) < len(expected):
            found.append(numbers())

    with seeded():
        thread = threading.Thread(target=draw)
        thread.start()
        for _ in range(5):
            tracer.trace(model, X)
        stop.set()
        thread.join()
    assert found == expected[: len(found)]


def test_another_thread_never_gets_a_number_twice_while_a_model_runs_on_real_data() -> None:
    model, found, stop = Draws(decides=True), list[tuple[float, ...]](), threading.Event()

    def draw() -> None:
        while not stop.is_set():
            found.append((random.random(), float(np.random.rand())))

    thread = threading.Thread(target=draw)
    thread.start()
    for _ in range(3):
        tracer.trace(model, X)
    stop.set()
    thread.join()
    assert len(set(found)) == len(found)


def test_a_model_that_draws_decides_as_the_generators_were() -> None:
    class Chooses(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 2 if random.random() < 0.5 else x + 1

    ops = set()
    for seed in range(12):
        with rng_state_restored():
            random.seed(seed)
            (step,) = tracer.trace(Chooses(), X).steps
            assert (step.op == "mul") == (random.random() < 0.5)
            ops.add(step.op)
    assert ops == {"mul", "add"}


def test_functions_that_draw_are_themselves_again() -> None:
    namespaces = [dict(vars(module)) for module in (random, np.random, torch, torch.random)]
    tracer.trace(Draws(), X)
    for before, module in zip(namespaces, (random, np.random, torch, torch.random), strict=True):
        assert all(vars(module)[name] is item for name, item in before.items())


@pytest.mark.parametrize(("threads", "restored"), [(1, True), (2, False)])
def test_what_is_drawn_by_a_function_of_its_own_name_is_restored_without_other_threads(
    threads: int, restored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ByName(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * drawn_by_name()

    monkeypatch.setattr(threading, "active_count", lambda: threads)
    before = rng_states()
    tracer.trace(ByName(), X)
    assert (rng_states()[1] == before[1]) == restored
