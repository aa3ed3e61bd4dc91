"""What a run leaves is found while other threads run, which may be building tuples."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.conftest import ROOT
from tests.from_torch.capture.isolation.cache_helpers import HELPERS, state
from tests.from_torch.capture.isolation.test_leftovers import Cached
from tests.from_torch.zoo import quiet
from tracer.from_torch.capture.isolation import young_objects

pytestmark = quiet

X = torch.randn(2, 4, 8, 8)
WITH_AN_AUDIT_HOOK = """
import sys
sys.addaudithook(lambda event, arguments: None)
from tests.from_torch.capture.isolation import test_leftovers
test_leftovers.test_another_thread_can_be_in_the_middle_of_building_something()
"""
"""An audit hook is Python code, in which threads may take turns. Nothing can remove it."""


@pytest.fixture
def another_thread() -> Iterator[None]:
    """A thread that waits during the test."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.mark.slow
def test_another_thread_can_build_something_where_python_calls_audit_hooks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITH_AN_AUDIT_HOOK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", HELPERS)
@pytest.mark.usefixtures("another_thread")
def test_a_helper_keeps_nothing_while_another_thread_runs(name: str) -> None:
    before = state()
    assert tracer.trace(Cached(name), X).notes == ()
    assert state() == before


@pytest.mark.usefixtures("another_thread")
@pytest.mark.parametrize("is_global", [True, False])
def test_hundreds_of_tuples_are_found_while_another_thread_runs(is_global: bool) -> None:
    class KeepsTuples(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            for number in range(300):
                (keep_in_a_global_name if is_global else keep)(number, x)
            return x + 1

    kept: list[dict[int, Any]] = [{}]

    def keep(number: int, x: Tensor) -> None:
        kept[0][number] = (number, (x * 2,))

    trace = tracer.trace(KeepsTuples(), X)
    assert KEPT == {}
    if is_global:
        assert trace.notes == ()
    else:  # nothing says what was in the list before
        assert len(trace.notes) == 1
        assert kept == []


KEPT: dict[int, Any] = {}


def keep_in_a_global_name(number: int, x: Tensor) -> None:
    KEPT[number] = (number, (x * 2,))


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_the_ids_of_objects_are_found_without_calling_audit_hooks(generation: int) -> None:
    made = [[number] for number in range(100)]
    for _ in range(generation):
        gc.collect(0)
    found = [set(young_objects._ids_of_generation(number)) for number in range(3)]
    assert any(set(map(id, made)) <= ids for ids in found)
    assert all(young_objects._hash_of_id(id(one)) == object.__hash__(one) for one in made)


def test_a_tuple_to_which_only_a_function_in_c_refers_is_left_out() -> None:
    found: list[int] = []

    def count(left_out: int) -> int:
        gc.collect(0)
        hashes = {young_objects._hash_of_id(number) for number in unfinished()}
        objects = young_objects._objects_of(1)
        found.append(len(young_objects._finished_objects(objects, hashes, left_out)))
        return left_out

    def unfinished() -> list[int]:
        tuples = [one for one in gc.get_objects(1) if type(one) is tuple]
        return [id(one) for one in tuples if len(gc.get_referents(one)) < len(one)]

    numbers = (0, young_objects.UNFINISHED)
    assert tuple(count(number) for number in numbers) == numbers
    assert found == [1, 0]
