"""The memory of results changes nothing: with it or without it, a trace is the same."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, example, given
from torch import Tensor, nn

import tracer
from tests.conftest import examples
from tests.from_torch.programs import OPERATIONS, Program, Runs, programs
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import Case, each_case, quiet, traced
from tracer.from_torch.capture import op_recorder
from tracer.from_torch.capture.results.cached_result import UncacheableError, to_cached
from tracer.from_torch.capture.results.op_cache import OpCache
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.from_torch.capture.value_table import storage_of
from tracer.record import Trace

pytestmark = quiet


class Forgetful(OpCache):
    """Remembers nothing."""

    def get(self, key: object) -> None:
        return None


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(op_recorder, "OP_CACHE", Forgetful())


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> OpCache:
    memory = OpCache()
    monkeypatch.setattr(op_recorder, "OP_CACHE", memory)
    return memory


@pytest.mark.slow
@pytest.mark.usefixtures("forgetful")
@each_case
def test_a_trace_is_the_same_without_memory(one: Case) -> None:
    expected = tracer.trace(built(one.build), filled(one))
    assert traced(one.name) == expected


def inputs() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(2, 3), torch.randn(3, 2).double()


def same(one: Tensor, other: Tensor) -> bool:
    known = (one.shape, one.dtype) == (other.shape, other.dtype)
    return known and torch.equal(one.nan_to_num(7.0), other.nan_to_num(7.0))


def recorded(model: nn.Module, memory: OpCache) -> tuple[Trace, list[object]]:
    """The trace of a model, and all that its tensors are, with one memory or another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(op_recorder, "OP_CACHE", memory)
        (output,) = tracer.graph(model, inputs()).graph.find_nodes(op="output")
        return tracer.trace(model, inputs()), described(output.meta["val"])


def described(tensors: list[Tensor]) -> list[object]:
    """Of each tensor, what its numbers are read by, and which of the others share its memory."""
    memories = [storage_of(tensor) for tensor in tensors]
    return [
        (tensor.shape, tensor.stride(), tensor.storage_offset(), tensor.dtype, tensor.device, first)
        for tensor, first in zip(tensors, map(memories.index, memories), strict=True)
    ]


REMEMBERED = OpCache()
"""One for all programs: what one of them taught answers the next."""


@pytest.mark.slow
@examples(30)
@given(programs())
@example(Program((("transpose", 0, 0, 0), ("zero", 0, 0, 0), ("contiguous", 2, 0, 0))))
@example(Program((("chunk", 0, 0, 0), ("raise", 2, 0, 0), ("flatten", 0, 0, 0))))
@example(Program((("data", 0, 0, 0), ("write", 2, 1, 0), ("like", 0, 1, 0), ("lower", 4, 0, 0))))
@example(Program((("autocast", 0, 0, 0), ("autocast", 0, 0, 1), ("autocast", 0, 0, 2))))
@example(Program((("bits", 0, 0, 0), ("bits", 0, 0, 0), ("zero", 0, 0, 0), ("sum", 3, 0, 0))))
@example(Program((("times", 0, 0, 0), ("is", 0, 1, 0), ("times", 3, 0, 0), ("times", 3, 0, 2))))
@example(Program((("halves", 0, 0, 1), ("halves", 0, 0, 1), ("zero", 2, 0, 0), ("add", 3, 2, 0))))
@example(Program((("view", 0, 0, 0), ("clone", 0, 0, 0), ("pair", 0, 2, 1), ("pair", 0, 3, 1))))
@example(Program((("step", 0, 0, 1), ("step", 0, 0, 0), ("step", 0, 0, 1))))
@example(Program((("mean", 0, 0, 0), ("mean", 0, 0, 1), ("count", 0, 0, 2), ("parts", 0, 0, 0))))
def test_any_program_replays_and_is_recorded_the_same_with_memory(program: Program) -> None:
    model = Runs(program)
    try:
        with torch.no_grad():
            expected = model(*inputs())
    except (RuntimeError, IndexError):
        assume(False)  # PyTorch refuses it: it writes to a tensor that overlaps itself, say
    with torch.no_grad():
        found = tracer.graph(model, inputs())(*inputs())
    assert all(map(same, found, expected))
    plain = recorded(model, Forgetful())
    assert recorded(model, REMEMBERED) == plain
    assert recorded(model, REMEMBERED) == plain  # now that all of it was asked before


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_of_a_program_replays_twice_over(name: str) -> None:
    program = Program(((name, 0, 1, 1), (name, 1, 0, 0), ("write", 2, 0, 0), (name, 0, 0, 1)))
    model = Runs(program)
    with torch.no_grad():
        assert all(map(same, tracer.graph(model, inputs())(*inputs()), model(*inputs())))


class Times(nn.Module):
    def __init__(self, *factors: object) -> None:
        super().__init__()
        self.factors = factors

    def forward(self, x: Tensor) -> list[Tensor]:
        return [x * factor for factor in self.factors]


@pytest.mark.usefixtures("fresh")
def test_numbers_that_are_equal_and_of_other_types_are_told_apart() -> None:
    trace = tracer.trace(Times(1, True, 1.0, 1 + 0j), torch.ones(3, dtype=torch.long))
    assert [value.dtype for value in trace.outputs] == ["int64", "int64", "float32", "complex64"]


class Makes(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros(3) + x


@pytest.mark.usefixtures("fresh")
def test_the_default_dtype_is_part_of_the_question() -> None:
    before = tracer.trace(Makes(), torch.ones(3)).outputs
    torch.set_default_dtype(torch.float64)
    try:
        after = tracer.trace(Makes(), torch.ones(3)).outputs
    finally:
        torch.set_default_dtype(torch.float32)
    assert [value.dtype for value in (*before, *after)] == ["float32", "float64"]


@pytest.mark.usefixtures("fresh")
def test_autocast_is_part_of_the_question() -> None:
    model = nn.Linear(3, 3)
    traces = []
    for dtype in (None, torch.bfloat16, torch.float16):
        with torch.autocast("cpu", dtype=dtype, enabled=dtype is not None):
            traces.append(tracer.trace(model, torch.ones(1, 3)))
    assert [trace.outputs[0].dtype for trace in traces] == ["float32", "bfloat16", "float16"]


@pytest.mark.usefixtures("fresh")
def test_the_default_device_is_part_of_the_question() -> None:
    class Asks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x if torch.zeros(3).device.type == "cpu" else -x

    with torch.device("meta"):
        tracer.trace(Asks(), torch.ones(3))
    assert tracer.trace(Asks(), torch.ones(3)).steps[0].op == "zeros"
    assert len(tracer.trace(Asks(), torch.ones(3)).steps) == 1


@pytest.mark.usefixtures("fresh")
def test_the_size_of_a_batch_is_part_of_the_question() -> None:
    model = nn.Linear(3, 4)
    shapes = [tracer.trace(model, torch.ones(n, 3)).outputs[0].shape for n in (1, 2, 1)]
    assert shapes == [(1, 4), (2, 4), (1, 4)]


class SharesOrNot(nn.Module):
    """The same call gives a view of one argument, of the other, or of none."""

    def forward(self, x: Tensor) -> list[Tensor]:
        last = x.contiguous(memory_format=torch.channels_last)
        kept = [last.contiguous(), x.contiguous(), x.reshape(2, -1), last.reshape(2, -1)]
        x.zero_()
        last.add_(1)
        pair = torch.broadcast_tensors(x, x[:1])
        x.add_(2)
        return [*kept, *pair, F.relu(x), x]


@pytest.mark.usefixtures("fresh")
def test_a_remembered_view_shows_the_memory_of_the_tensor_of_this_time() -> None:
    model = SharesOrNot()
    for _ in range(2):
        graph = tracer.graph(model, torch.randn(2, 3, 4, 5))
        with torch.no_grad():
            x = torch.randn(2, 3, 4, 5)
            found, expected = graph(x.clone()), model(x.clone())
        assert all(map(same, found, expected))


def test_two_views_of_memory_that_is_no_arguments_are_not_remembered() -> None:
    with FakeTensors().mode:
        new = torch.empty(2, 3)
        assert to_cached((new, torch.empty(2)), [], None).makes_tensors
        with pytest.raises(UncacheableError):
            to_cached((new[0], new[1]), [], None)


def test_the_memory_is_emptied_when_it_is_full(fresh: OpCache) -> None:
    fresh.LIMIT = 3
    for n in range(1, 8):
        tracer.trace(nn.Linear(3, 4), torch.ones(n, 3))
        assert len(fresh._results) <= fresh.LIMIT


def test_the_memory_holds_no_tensor(fresh: OpCache) -> None:
    tracer.trace(nn.Linear(3, 4), torch.ones(2, 3))

    def parts(item: object) -> list[object]:
        if isinstance(item, (tuple, list)):
            return [item, *(part for element in item for part in parts(element))]
        return [item]

    held = [part for key in fresh._results for part in parts(key)]
    assert len(fresh._results) == 1
    assert not any(isinstance(part, Tensor) for part in held)
