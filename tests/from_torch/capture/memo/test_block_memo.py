"""A block is recorded without being run only if running it would record the same.

Each trap is a block whose calls differ, though its modules are equal. What makes them differ is
nowhere in the modules: it has to be found in the code that runs.
"""

from __future__ import annotations

import contextvars
import functools
import itertools
import os
import random
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from torch import Tensor, nn

from tests.conftest import examples
from tests.from_torch.drawn_unets import Drawn, Plan, plans
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import Case, each_case, quiet
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.memo import visit
from tracer.from_torch.capture.memo.block_memo import BlockMemo
from tracer.from_torch.capture.memo.block_store import BlockStore
from tracer.from_torch.capture.recording import record
from tracer.record import Trace

pytestmark = quiet

IMAGE = torch.ones(1, 4, 8, 8)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlockMemo, "_known", BlockStore())


class Repeats:
    """How many calls were recorded without being run."""

    def __init__(self) -> None:
        self.count = 0

    def since(self, run: Callable[[], Any]) -> int:
        before = self.count
        run()
        return self.count - before


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> Repeats:
    counted, repeat = Repeats(), visit.repeat

    def counting(*args: Any) -> Any:
        counted.count += 1
        return repeat(*args)

    monkeypatch.setattr(visit, "repeat", counting)
    return counted


class Chain(nn.Module):
    """Blocks in a row."""

    def __init__(self, *blocks: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Block(nn.Module):
    """A pure block, which the traps extend."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 4, 3, padding=1)
        self.last = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        if self.is_odd():
            h = F.silu(h)
        return x + self.last(h)

    def is_odd(self) -> bool:
        return True


def test_a_block_that_equals_another_one_is_not_run(repeats: Repeats) -> None:
    model = Chain(Block(), Block(), Block())
    assert repeats.since(lambda: record(model, IMAGE)) == 2


def test_a_model_that_is_recorded_again_and_again_is_not_run(repeats: Repeats) -> None:
    model = Chain(Block(), Block(), Block())
    assert repeats.since(lambda: [record(model, IMAGE) for _ in range(3)]) == 2 + 3 + 3
    assert repeats.since(lambda: record(model, IMAGE)) == 1


def test_what_was_not_needed_longest_is_forgotten(
    repeats: Repeats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlockStore, "LIMIT", 20)
    model = Chain(Block(), Block(), Block())
    sizes = [torch.ones(1, 4, size, size) for size in range(8, 16)]
    for x in sizes:
        record(model, x)
    assert repeats.since(lambda: record(model, sizes[-1])) == 3
    assert repeats.since(lambda: record(model, sizes[0])) == 2


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("blocks", [True, False])
def test_what_is_recorded_is_part_of_what_is_compared(lines: bool, blocks: bool) -> None:
    model = Chain(Block(), Block(), Block())
    for other in (True, False):
        record(model, IMAGE, lines=other, blocks=not other)
    expected = to_trace(record(model, IMAGE, lines=lines, blocks=blocks, repeats=False))
    assert to_trace(record(model, IMAGE, lines=lines, blocks=blocks)) == expected


# ------------------------------------------------------------------------------------------- traps

TRAPS: list[type[Block]] = []


def trap(block: type[Block]) -> type[Block]:
    TRAPS.append(block)
    return block


class Reset:
    """What is set back before each run: the traps share it, outside of their modules."""

    calls = 0
    count = 0


STATE = types.SimpleNamespace(calls=0)
REGISTRY: dict[str, int] = {}
VARIABLE = contextvars.ContextVar("VARIABLE", default=0)
SETTINGS = types.ModuleType("settings")
COUNTER = iter(())
CALLS = 0


def reset() -> None:
    global CALLS, COUNTER
    CALLS, COUNTER = 0, itertools.count()
    Reset.calls, STATE.calls = 0, 0
    SETTINGS.flag = False  # type: ignore[attr-defined]
    REGISTRY.clear()
    ClassList.seen.clear()
    FunctionAttribute.ask.calls = 0  # type: ignore[attr-defined]
    MutableDefault.ask.__defaults__[0].clear()
    kept.cache_clear()
    VARIABLE.set(0)
    os.environ.pop("UNET_TRACE_TRAP", None)
    random.seed(1)
    Closure.count(0)


@trap
class ClassCounter(Block):
    calls = 0

    def is_odd(self) -> bool:
        Reset.calls += 1
        return Reset.calls % 2 == 1


@trap
class ClassCounterByType(Block):
    def is_odd(self) -> bool:
        kind = Reset
        setattr(kind, "calls", kind.calls + 1)  # noqa: B010
        return kind.calls % 2 == 1


@trap
class GlobalCounter(Block):
    def is_odd(self) -> bool:
        global CALLS
        CALLS += 1
        return CALLS % 2 == 1


@trap
class GlobalObject(Block):
    def is_odd(self) -> bool:
        STATE.calls += 1
        return bool(STATE.calls % 2)


@trap
class GlobalDictionary(Block):
    def is_odd(self) -> bool:
        REGISTRY["calls"] = REGISTRY.get("calls", 0) + 1
        return REGISTRY["calls"] % 2 == 1


@trap
class GlobalIterator(Block):
    def is_odd(self) -> bool:
        return next(COUNTER) % 2 == 0  # type: ignore[call-overload]


@trap
class ModuleFlag(Block):
    def is_odd(self) -> bool:
        SETTINGS.flag = not SETTINGS.flag  # type: ignore[attr-defined]
        return bool(SETTINGS.flag)


def counting_closure() -> Callable[..., int]:
    calls = 0

    def count(step: int = 1) -> int:
        nonlocal calls
        calls = calls + 1 if step else 0
        return calls

    return count


@trap
class Closure(Block):
    count = staticmethod(counting_closure())

    def is_odd(self) -> bool:
        return self.count() % 2 == 1


@trap
class ClassList(Block):
    seen: list[int] = []  # noqa: RUF012

    def is_odd(self) -> bool:
        self.seen.append(1)
        return len(self.seen) % 2 == 1


@trap
class FunctionAttribute(Block):
    def ask(self) -> bool:
        FunctionAttribute.ask.calls += 1  # type: ignore[attr-defined]
        return bool(FunctionAttribute.ask.calls % 2)  # type: ignore[attr-defined]

    def is_odd(self) -> bool:
        return self.ask()


@trap
class MutableDefault(Block):
    def ask(self, seen: list[int] = []) -> bool:  # noqa: B006
        seen.append(1)
        return len(seen) % 2 == 1

    def is_odd(self) -> bool:
        return self.ask()


@functools.cache
def kept() -> list[int]:
    return []


@trap
class CachedFunction(Block):
    def is_odd(self) -> bool:
        seen = kept()
        seen.append(1)
        return len(seen) % 2 == 1


@trap
class RandomNumber(Block):
    def is_odd(self) -> bool:
        return random.random() < 0.5


@trap
class Environment(Block):
    def is_odd(self) -> bool:
        now = os.environ.get("UNET_TRACE_TRAP", "even")
        os.environ["UNET_TRACE_TRAP"] = "odd" if now == "even" else "even"
        return now == "even"


@trap
class ContextVariable(Block):
    def is_odd(self) -> bool:
        VARIABLE.set(VARIABLE.get() + 1)
        return VARIABLE.get() % 2 == 1


@trap
class Frames(Block):
    def is_odd(self) -> bool:
        frame = sys._getframe(1)
        while frame.f_code.co_name != "forward" or "block" not in frame.f_locals:
            frame = frame.f_back  # type: ignore[assignment]
        block = frame.f_locals["block"]
        return bool(frame.f_locals["self"].blocks[0] is block)


@trap
class Identity(Block):
    def is_odd(self) -> bool:
        REGISTRY.setdefault("first", id(self))
        return REGISTRY["first"] == id(self)


@trap
class DynamicName(Block):
    def is_odd(self) -> bool:
        name = "".join(("cal", "ls"))
        value = getattr(Reset, name)
        type.__setattr__(Reset, name, value + 1)
        return value % 2 == 0


def operations(trace: Trace) -> list[list[str]]:
    """The operations of each block."""
    return [[step.op for step in trace.steps[b.first : b.last]] for b in trace.root.children]


@pytest.mark.parametrize("block", TRAPS, ids=lambda block: block.__name__)
def test_a_block_that_is_not_pure_is_run(block: type[Block]) -> None:
    model = Chain(block(), block(), block())
    reset()
    expected = to_trace(record(model, IMAGE, repeats=False))
    first, second, _ = operations(expected)
    assert first != second
    for _ in range(4):
        reset()
        assert to_trace(record(model, IMAGE)) == expected


class PropertyCounter(Block):
    @property
    def odd(self) -> bool:
        self.calls = getattr(self, "calls", 0) + 1
        return self.calls % 2 == 1

    def is_odd(self) -> bool:
        return self.odd


class OwnList(Block):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def is_odd(self) -> bool:
        self.seen.append(1)
        return len(self.seen) % 2 == 1


class OwnCache(Block):
    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[str, int] = {}

    def is_odd(self) -> bool:
        self.cache["calls"] = self.cache.get("calls", 0) + 1
        return self.cache["calls"] % 2 == 1


class GrowingBuffer(Block):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.ones(1))

    def is_odd(self) -> bool:
        self.seen = torch.cat([self.seen, self.seen])
        return len(self.seen) % 4 == 2


@pytest.mark.parametrize("block", [PropertyCounter, OwnList, OwnCache, GrowingBuffer])
def test_a_block_that_changes_itself_is_run_each_time(block: type[Block]) -> None:
    one = block()
    model = Chain(one, one, block(), one)
    expected = to_trace(record(model, IMAGE, repeats=False))
    first, second, *_ = operations(expected)
    assert first != second
    for _ in range(4):
        assert to_trace(record(model, IMAGE)) == expected


def test_an_object_that_two_blocks_share_is_part_of_what_is_compared() -> None:
    class Shared(Block):
        def __init__(self, seen: list[int]) -> None:
            super().__init__()
            self.seen = seen

        def is_odd(self) -> bool:
            return len(self.seen) % 2 == 1

    class Grows(Chain):
        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks:
                seen.append(1)
                x = block(x)
            return x

    seen: list[int] = []
    model = Grows(Shared(seen), Shared(seen), Shared(seen))
    expected = to_trace(record(model, IMAGE, repeats=False))
    for _ in range(3):
        seen.clear()
        assert to_trace(record(model, IMAGE)) == expected


def test_a_hook_runs() -> None:
    model = Chain(Block(), Block(), Block())
    model.blocks[1].register_forward_hook(lambda module, args, result: F.relu(result))
    model.blocks[2].first.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    expected = to_trace(record(model, IMAGE, repeats=False))
    assert [len(names) for names in operations(expected)] == [4, 5, 5]
    for _ in range(3):
        assert to_trace(record(model, IMAGE)) == expected


def test_autocast_is_part_of_what_is_compared() -> None:
    class Mixed(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.blocks[0](x)
            with torch.autocast("cpu", torch.bfloat16):
                x = self.blocks[1](x)
            return self.blocks[2](x.float())  # type: ignore[no-any-return]

    model = Mixed(Block(), Block(), Block())
    expected = to_trace(record(model, IMAGE, repeats=False))
    dtypes = [step.outputs[0].dtype for step in expected.steps if step.op == "conv2d"]
    assert dtypes == ["float32"] * 2 + ["bfloat16"] * 2 + ["float32"] * 2
    for _ in range(3):
        assert to_trace(record(model, IMAGE)) == expected


def test_training_and_evaluation_are_not_the_same() -> None:
    class Drops(Block):
        def is_odd(self) -> bool:
            return self.training

    model = Chain(Drops(), Drops(), Drops())
    model.blocks[1].eval()
    expected = to_trace(record(model, IMAGE, repeats=False))
    assert [len(names) for names in operations(expected)] == [4, 3, 4]
    for _ in range(3):
        assert to_trace(record(model, IMAGE)) == expected


def test_a_block_that_changes_its_argument_is_run() -> None:
    class InPlace(Block):
        def forward(self, x: Tensor) -> Tensor:
            x += self.first(x)
            return self.last(x)  # type: ignore[no-any-return]

    model = Chain(InPlace(), InPlace(), InPlace())
    expected = to_trace(record(model, IMAGE, repeats=False))
    for _ in range(3):
        assert to_trace(record(model, IMAGE)) == expected


def test_arguments_that_are_one_tensor_or_share_memory_are_not_two_others() -> None:
    class Two(Block):
        def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
            h = self.first(x) if x is y else self.last(y)
            return h, y.flatten(2)

    class Calls(Chain):
        def forward(self, x: Tensor) -> Tensor:
            one, flat = self.blocks[0](x, x)
            two, _ = self.blocks[1](one, flat.view(x.shape))
            three, view = self.blocks[2](two, two.view(two.shape))
            view += 1
            return three + two  # type: ignore[no-any-return]

    model = Calls(Two(), Two(), Two())
    expected = to_trace(record(model, IMAGE, repeats=False))
    for _ in range(4):
        assert to_trace(record(model, IMAGE)) == expected


def test_what_a_block_prints_is_printed_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    class Prints(Block):
        def is_odd(self) -> bool:
            print("here")  # noqa: T201
            return True

    model = Chain(Prints(), Prints(), Prints())
    for _ in range(3):
        record(model, IMAGE)
    assert capsys.readouterr().out == "here\n" * 9


def test_a_note_of_a_run_is_a_note_of_each_run() -> None:
    class Moves(Block):
        def is_odd(self) -> bool:
            return self.first.weight.cuda() is not None

    model = Chain(Moves(), Moves(), Moves())
    notes = [record(model, IMAGE).notes for _ in range(4)]
    assert notes[0]
    assert set(notes) == {notes[0]}


# ------------------------------------------------------------------------ changes between the runs


def test_a_method_that_was_replaced_is_the_one_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Chain(Block(), Block(), Block())
    for _ in range(3):
        record(model, IMAGE)
    monkeypatch.setattr(Block, "is_odd", lambda self: False)
    assert [len(names) for names in operations(to_trace(record(model, IMAGE)))] == [3, 3, 3]


def test_a_method_that_hides_that_of_a_base_class_runs() -> None:
    class Derived(Block): ...

    model = Chain(Derived(), Derived(), Derived())
    for _ in range(3):
        record(model, IMAGE)
    Derived.is_odd = lambda self: False  # type: ignore[method-assign]
    assert [len(names) for names in operations(to_trace(record(model, IMAGE)))] == [3, 3, 3]


def test_a_function_of_torch_that_was_replaced_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Chain(Block(), Block(), Block())
    for _ in range(3):
        record(model, IMAGE)
    monkeypatch.setattr(F, "silu", F.relu)
    steps = to_trace(record(model, IMAGE)).steps
    assert [step.op for step in steps if step.op in ("silu", "relu")] == ["relu"] * 3


def test_a_number_in_a_global_name_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Reads(Block):
        def is_odd(self) -> bool:
            return LEVEL > 0

    model = Chain(Reads(), Reads(), Reads())
    for _ in range(3):
        record(model, IMAGE)
    monkeypatch.setitem(globals(), "LEVEL", 0)
    assert [len(names) for names in operations(to_trace(record(model, IMAGE)))] == [3, 3, 3]


LEVEL = 1


def test_an_attribute_that_was_set_is_seen() -> None:
    class Flag(Block):
        flag = True

        def is_odd(self) -> bool:
            return self.flag

    model = Chain(Flag(), Flag(), Flag())
    for _ in range(3):
        record(model, IMAGE)
    model.blocks[1].flag = False
    assert [len(names) for names in operations(to_trace(record(model, IMAGE)))] == [4, 3, 4]
    Flag.flag = False
    assert [len(names) for names in operations(to_trace(record(model, IMAGE)))] == [3, 3, 3]


def test_a_tool_that_watches_the_run_sees_each_block() -> None:
    model = Chain(Block(), Block(), Block())
    for _ in range(3):
        record(model, IMAGE)
    seen: list[str] = []

    def watch(frame: types.FrameType, event: str, arg: Any) -> None:
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        record(model, IMAGE)
    finally:
        sys.settrace(before)
    assert seen.count("is_odd") == 3


def test_the_memory_of_a_model_is_free_after_its_run() -> None:
    model = Chain(Block(), Block(), Block())
    for _ in range(3):
        record(model, IMAGE)
    last = weakref.ref(model.blocks[2])
    del model
    assert last() is None


# -------------------------------------------------------------------------------------- all models


@pytest.mark.slow
@each_case
def test_every_model_is_recorded_the_same(one: Case) -> None:
    def trace(**options: bool) -> Trace:
        return to_trace(record(built(one.build), filled(one), **options))

    expected = trace(repeats=False)
    for _ in range(3):
        assert trace() == expected


@pytest.mark.slow
@examples(30)
@given(plans())
def test_any_unet_is_recorded_the_same(plan: Plan) -> None:
    model, x = Drawn(plan), torch.ones(1, 3, 16, 16)
    expected = to_trace(record(model, x, repeats=False))
    for _ in range(3):
        assert to_trace(record(model, x)) == expected
