"""Nothing that a run made outlives it: no cache of a helper keeps a tensor without data."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from copy import deepcopy
from traceback import walk_tb
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

import tracer
from tests.conftest import examples
from tests.from_torch.capture.isolation import cache_helpers
from tests.from_torch.capture.isolation.cache_helpers import HELPERS, LOG, holder, state
from tests.from_torch.capture.isolation.made_fakes import alive, fakes, watching
from tests.from_torch.zoo import Case, built, each_case, filled, quiet

pytestmark = quiet


class Cached(nn.Module):
    """Adds what helpers compute and keep."""

    def __init__(self, *names: str, raises: bool = False, decides: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.names, self.raises, self.decides = names, raises, decides

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        for name in self.names:
            x = x + HELPERS[name](x.shape[-1])
        if self.raises:
            raise ValueError("on purpose")
        return x * 2 if self.decides and x.mean() > -9 else x


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = state()
    with watching():
        yield
    assert state() == before


X = torch.randn(2, 4, 8, 8)
each_helper = pytest.mark.parametrize("name", HELPERS)


def test_every_tensor_without_data_is_watched() -> None:
    def all_fakes() -> list[Tensor]:
        return [item for item in gc.get_objects() if type(item) is FakeTensor]

    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.lstm = nn.Conv2d(4, 4, 3, padding=1), nn.LSTM(8, 8, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            y, _ = self.lstm(self.conv(x).flatten(0, 1).detach())
            z = torch.stack([y.view_as(x).clone(), x.mT]).unbind()[0]
            seen.extend(set(map(id, all_fakes())) - earlier)
            missed.extend(set(seen) - set(map(id, alive())))
            return z

    seen, missed = list[int](), list[int]()
    earlier = set(map(id, all_fakes()))
    tracer.trace(Looks(), X)
    assert len(seen) > 10
    assert missed == []


@each_helper
def test_a_helper_keeps_nothing_of_a_run(name: str) -> None:
    model = Cached(name)
    trace = tracer.trace(model, X)
    assert [step.op for step in trace.steps][-2:] == ["ones", "add"]
    assert trace.notes == ()
    assert tracer.trace(model, X) == trace
    assert fakes() == []


@each_helper
def test_a_helper_keeps_nothing_of_a_run_that_fails(name: str) -> None:
    with pytest.raises(ValueError, match="on purpose"):
        tracer.trace(Cached(name, raises=True), X)


@each_helper
def test_a_helper_keeps_nothing_of_a_run_on_real_data(name: str) -> None:
    before = state()
    trace = tracer.trace(Cached(name, decides=True), X)
    assert [step.op for step in trace.steps][-1] == "mul"
    assert len(trace.notes) == 1
    assert state() == before


@each_helper
def test_a_model_with_a_cache_runs_after_its_graph_was_built(name: str) -> None:
    model = Cached(name).eval()
    graph = tracer.graph(model, X)
    try:
        with torch.no_grad():
            assert torch.equal(graph(X), copy_context().run(model, X))
    finally:
        cache_helpers.reset()


@given(st.lists(st.sampled_from(sorted(HELPERS)), min_size=1, max_size=6, unique=True))
@examples(10)
def test_any_number_of_helpers_keep_nothing(names: list[str]) -> None:
    before = state()
    trace = tracer.trace(Cached(*names), X)
    assert trace.notes == ()
    assert state() == before
    assert fakes() == []


def test_what_was_cached_before_stays() -> None:
    expected = HELPERS["in_a_dict"](8), HELPERS["in_an_lru_cache"](8)
    try:
        tracer.trace(Cached("in_a_dict", "in_an_lru_cache"), X)
        assert HELPERS["in_a_dict"](8) is expected[0]
        assert HELPERS["in_an_lru_cache"](8) is expected[1]
    finally:
        cache_helpers.reset()


def test_what_other_threads_add_to_a_global_list_stays() -> None:
    class Waits(Cached):
        def forward(self, x: Tensor) -> Tensor:
            thread = threading.Thread(target=LOG.append, args=("another thread",))
            thread.start()
            thread.join()
            return super().forward(x)

    tracer.trace(Waits("in_a_list"), X)
    assert LOG == ["begin", "another thread"]
    LOG.pop()


CALLERS: dict[str, Callable[[Callable[[int], Any]], Any]] = {
    "tuple": lambda traced: tuple(traced(number) for number in range(6)),
    "tuple of map": lambda traced: tuple(map(traced, range(6))),
    "list": lambda traced: [traced(number) for number in range(6)],
    "dict": lambda traced: dict((number, traced(number)) for number in range(6)),  # noqa: C402
    "set": lambda traced: frozenset(traced(number).notes for number in range(6)),
    "sorted": lambda traced: sorted(range(6), key=lambda number: -len(traced(number).steps)),
    "joined": lambda traced: ", ".join(traced(number).model for number in range(6)),
}


@pytest.mark.parametrize("name", CALLERS)
def test_a_caller_can_be_in_the_middle_of_building_something(name: str) -> None:
    model = Cached("in_a_dict", "in_an_lru_cache", "in_a_class", "in_a_traceback")
    assert len(CALLERS[name](lambda size: tracer.trace(model, X[..., size % 4 :]))) > 0


def test_another_thread_can_be_in_the_middle_of_building_something() -> None:
    built_there, errors, done = [0], list[BaseException](), threading.Event()

    def build() -> None:
        while not done.is_set():
            try:
                built_there[0] += len(tuple([number] for number in range(300)))
            except SystemError as error:
                errors.append(error)

    model, thread, interval = Cached("in_many_objects"), threading.Thread(target=build), 1e-5
    before = sys.getswitchinterval()
    sys.setswitchinterval(interval)
    thread.start()
    try:
        for _ in range(12):
            assert tracer.trace(model, X).notes == ()
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(before)
    assert (built_there[0] > 0, errors) == (True, [])


def test_a_cache_that_the_user_clears_is_not_in_the_notes() -> None:
    model = Cached("in_an_lru_cache", "in_a_cache", "in_a_cached_method", "in_a_dict")
    try:
        for _ in range(2):
            model(X)
            assert tracer.trace(model, X).notes == ()
            cache_helpers.reset()
            assert tracer.trace(model, X).notes == ()
    finally:
        cache_helpers.reset()


def test_closures_in_hooks_and_attributes_get_back_what_they_held() -> None:
    seen, by_name, tables = [], dict[str, Any](), dict[int, Tensor]()

    def table(size: int) -> Tensor:
        if size not in tables:
            tables[size] = torch.ones(size)
        return tables[size]

    class UsesTable(Cached):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * self.table(x.shape[-1])

    model = UsesTable()
    model.table = table
    model.conv.register_forward_hook(lambda _, inputs, output: seen.append((inputs, output)))
    model.conv.register_forward_pre_hook(lambda _, inputs: by_name.update(last=inputs))
    for _ in range(2):
        assert tracer.trace(model, X).notes == ()
        assert (seen, by_name, tables, fakes()) == ([], {}, {}, [])
    model(X)
    assert (len(seen), list(by_name), list(tables)) == (1, ["last"], [8])


def test_a_copy_of_a_module_that_is_made_and_stored_is_removed() -> None:
    class Copies(Cached):
        def forward(self, x: Tensor) -> Tensor:
            LOG.append(deepcopy(self.conv))
            return LOG[-1](x)  # type: ignore[no-any-return]

    assert [step.op for step in tracer.trace(Copies(), X).steps][-1] == "conv2d"
    assert fakes() == []


@pytest.mark.parametrize("is_ignored", [True, False])
def test_a_model_that_collects_garbage_keeps_nothing(is_ignored: bool) -> None:
    by_name = gc.collect

    class Collects(Cached):
        def forward(self, x: Tensor) -> Tensor:
            x = super().forward(x)
            gc.enable()
            gc.collect() if is_ignored else by_name()
            return x

    names = ("in_a_dict", "in_an_object", "in_an_lru_cache", "in_a_tuple_of_containers")
    trace = tracer.trace(Collects(*names), X)
    assert trace.notes == () or not is_ignored
    assert (fakes(), gc.isenabled()) == ([], True)


def test_what_cannot_be_removed_is_in_the_notes() -> None:
    held = holder()
    next(held)

    class Sends(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            held.send(x + 1)
            return x

    trace = tracer.trace(Sends(), X)
    (note,) = trace.notes
    assert note.startswith("A generator object still holds a 2×4×8×8 tensor, which belongs to the")
    held.send(None)


def test_the_variables_of_a_failed_run_can_be_inspected() -> None:
    try:
        tracer.trace(Cached("in_a_dict", raises=True), X)
    except ValueError as error:
        *_, (frame, _) = walk_tb(error.__traceback__)
        assert frame.f_locals["x"].shape == X.shape
        weight = frame.f_locals["self"].conv.weight
        assert (type(weight), weight.device.type) == (nn.Parameter, "cpu")
        del frame
    else:
        pytest.fail("the run did not fail")


def test_an_exception_that_the_model_holds_keeps_nothing() -> None:
    error = LookupError("held")

    class Raises(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            h = x + 1
            raise error from LookupError(f"{h.shape}")

    with pytest.raises(LookupError, match="held"):
        tracer.trace(Raises(), X)
    assert fakes() == []


def test_an_interrupted_run_leaves_nothing() -> None:
    class Interrupts(Cached):
        def forward(self, x: Tensor) -> Tensor:
            super().forward(x)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tracer.trace(Interrupts("in_a_dict", "in_a_class"), X)


@pytest.mark.slow
@each_case
def test_no_model_leaves_a_tensor_without_data(one: Case) -> None:
    model, inputs = built(one.build), filled(one)
    tracer.trace(model, inputs)
    tracer.graph(model, inputs)
    assert fakes() == []


@pytest.mark.slow
@each_case
def test_no_model_that_fails_leaves_a_tensor_without_data(one: Case) -> None:
    class Fails(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = built(one.build)

        def forward(self, *args: Any, **keywords: Any) -> None:
            self.model(*args, **keywords)
            raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        tracer.trace(Fails(), filled(one))
    assert fakes() == []
