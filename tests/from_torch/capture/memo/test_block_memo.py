"""A block is recorded without being run only if running it would record the same.

Each trap is a block whose calls differ, though its modules are equal. What makes them differ is
nowhere in the modules: it has to be found in the code that runs.
"""

from __future__ import annotations

import contextvars
import functools
import gc
import inspect
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
from torch.nn.modules.module import register_module_forward_hook
from torch.overrides import TorchFunctionMode

from tests.conftest import examples
from tests.from_torch.drawn_unets import Drawn, Plan, plans
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import Case, each_case, quiet
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.memo import block_memo, visit
from tracer.from_torch.capture.memo.block_memo import BlockMemo
from tracer.from_torch.capture.memo.block_state import state_of
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


def test_a_block_that_asks_for_the_call_of_another_object_is_repeated_in_later_runs(
    repeats: Repeats,
) -> None:
    class Processor:
        def __call__(self, x: Tensor) -> Tensor:
            return F.relu(x)

    class Processed(Block):
        def __init__(self) -> None:
            super().__init__()
            self.processor = Processor()

        def forward(self, x: Tensor) -> Tensor:
            names = set(inspect.signature(self.processor.__call__).parameters)
            return self.processor(super().forward(x)) if "x" in names else x

    model = Chain(Processed(), Processed(), Processed())
    assert [repeats.since(lambda: record(model, IMAGE)) for _ in range(4)] == [2, 3, 3, 1]


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
SEEN: list[int] = []


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
    SEEN.clear()
    vars(asked).clear()
    vars(asked)["seen"] = SEEN


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


def asked() -> None:
    """A function that has attributes."""


@trap
class ListOfAFunction(Block):
    def __init__(self) -> None:
        super().__init__()
        self.asked = asked

    def is_odd(self) -> bool:
        seen: list[int] = self.asked.seen  # type: ignore[attr-defined]
        seen.append(1)
        return len(seen) % 2 == 1


@trap
class ListOfAMethod(Block):
    def ask(self) -> None: ...

    ask.seen = SEEN  # type: ignore[attr-defined]

    def is_odd(self) -> bool:
        seen: list[int] = self.ask.seen  # type: ignore[attr-defined]
        seen.append(1)
        return len(seen) % 2 == 1


@trap
class NamesOfAFunction(Block):
    def is_odd(self) -> bool:
        names, own = asked.__dict__, self.__dict__
        names["calls"] = names.get("calls", 0) + bool(own)
        return bool(names["calls"] % 2)


@trap
class ModuleNamedLikeALibrary(Block):
    __module__ = "code.model"
    seen = SEEN

    def is_odd(self) -> bool:
        self.seen.append(1)
        return len(self.seen) % 2 == 1


def grown_by(seen: list[int]) -> Callable[[], int]:
    def grow() -> int:
        seen.append(1)
        return len(seen)

    return grow


GROW = grown_by(SEEN)


@trap
class ClosureOfCodeThatAlsoRuns(Block):
    def is_odd(self) -> bool:
        grown_by([])()
        return GROW() % 2 == 1


class CountingProperty(property):
    seen = SEEN

    def __get__(self, owner: Any, kind: Any = None) -> int:
        self.seen.append(1)
        return len(self.seen)


@trap
class PropertyOfAnotherClass(Block):
    count = CountingProperty()

    def is_odd(self) -> bool:
        return self.count % 2 == 1


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


def recorded_the_same(
    model: nn.Module, *outside: Callable[[], object], blocks: bool = True
) -> None:
    """Compare some runs with running everything, after calling each function in turn."""
    for change in (*outside, lambda: None) * 2:
        for _ in range(2):
            change()
            expected = record(model, IMAGE, blocks=blocks, repeats=False)
            change()
            recording = record(model, IMAGE, blocks=blocks)
            assert to_trace(recording) == to_trace(expected)
            assert recording.notes == expected.notes


def test_the_gradient_mode_is_part_of_what_is_compared() -> None:
    class Asks(Block):
        def is_odd(self) -> bool:
            return torch.is_grad_enabled()

    class Guided(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.blocks[0](x)
            with torch.enable_grad():
                x = self.blocks[1](x)
            return self.blocks[2](x)  # type: ignore[no-any-return]

    recorded_the_same(Guided(Asks(), Asks(), Asks()))


class Sets(TorchFunctionMode):
    def __init__(self, is_active: bool) -> None:
        super().__init__()
        self.is_active = is_active

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        return F.relu(result) if self.is_active and func is torch.conv2d else result


def test_a_mode_that_the_model_enters_sees_each_block() -> None:
    class Enters(Chain):
        def forward(self, x: Tensor) -> Tensor:
            for number, block in enumerate(self.blocks):
                with Sets(number % 2 == 1):
                    x = block(x)
            return x

    recorded_the_same(Enters(Block(), Block(), Block(), Block()))


def test_a_buffer_that_a_block_replaced_by_an_equal_one_is_the_new_one() -> None:
    class Keeps(Block):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("last_result", torch.zeros(1, 4, 8, 8))

        def forward(self, x: Tensor) -> Tensor:
            self.register_buffer("last_result", super().forward(x))
            return self.last_result

    class Sums(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = super().forward(x)
            return x + self.blocks[1].last_result  # type: ignore[no-any-return]

    recorded_the_same(Sums(Keeps(), Keeps(), Keeps()))


def test_a_buffer_that_the_model_replaced_is_part_of_the_data_flow() -> None:
    class Masked(Block):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mask", torch.ones(1, 4, 8, 8))

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * self.mask

    class Masks(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.blocks[0](x)
            self.blocks[1].mask = x * 2
            return self.blocks[2](self.blocks[1](x))  # type: ignore[no-any-return]

    recorded_the_same(Masks(Masked(), Masked(), Masked()))


def test_a_block_in_a_function_that_is_mapped_is_run() -> None:
    class Maps(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = super().forward(x)
            return torch.vmap(lambda one: one + self.blocks[0](x).mean())(x)

    recorded_the_same(Maps(Block(), Block(), Block()))


def test_the_values_of_arguments_are_made_where_they_are_read() -> None:
    class Changes(Chain):
        def forward(self, x: Tensor) -> Tensor:
            before = x[:, :]
            x = x * 1
            flat = x.view(1, -1)
            for block in self.blocks:
                flat.add_(1)
                x = block(x) + x
                flat = x.view(1, -1)
            return x + before

    recorded_the_same(Changes(Block(), Block(), Block()), blocks=False)


def test_a_layer_in_a_list_inside_a_block_is_named_after_what_holds_it() -> None:
    class Holds(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(4, 4, 1)
            self.acts = [nn.SiLU()]

        def forward(self, x: Tensor) -> Tensor:
            return self.acts[0](self.first(x))  # type: ignore[no-any-return]

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Holds()
            self.last = nn.Conv2d(4, 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.inner(x))  # type: ignore[no-any-return]

    model = Chain(Outer(), Outer(), Outer())
    recorded_the_same(model)
    paths = {step.block for step in to_trace(record(model, IMAGE)).steps if step.op == "silu"}
    assert paths == {f"blocks.{number}.inner.acts.0" for number in range(3)}


def test_a_weak_reference_to_the_model_changes_nothing() -> None:
    class Asks(Block):
        def is_odd(self) -> bool:
            return bool(self.parent.flag)

    model = Chain(Asks(), Asks(), Asks())
    model.flag = True  # type: ignore[assignment]
    for block in model.blocks:
        block.__dict__["parent"] = weakref.proxy(model)
    recorded_the_same(model)


def test_a_chain_of_objects_that_is_deeper_than_python_calls_changes_nothing() -> None:
    model = Chain(Block(), Block(), Block())
    for block in model.blocks:
        chain: types.SimpleNamespace | None = None
        for _ in range(3000):
            chain = types.SimpleNamespace(following=chain)
        block.chain = chain  # type: ignore[assignment]
    recorded_the_same(model)


def test_blocks_that_refer_to_the_one_before_them_are_recorded_the_same() -> None:
    model = Chain(*[Block() for _ in range(300)])
    for before, block in itertools.pairwise(model.blocks):
        block.before = [before]  # type: ignore[assignment]
    expected = to_trace(record(model, IMAGE, repeats=False))
    assert to_trace(record(model, IMAGE)) == expected


def test_signs_of_zero_are_part_of_what_is_compared() -> None:
    class Sign(Block):
        def __init__(self, number: complex) -> None:
            super().__init__()
            self.number = number

        def is_odd(self) -> bool:
            return "-" in str(self.number)

    zeros = (0.0, -0.0, complex(0.0, 0.0), complex(0.0, -0.0), complex(-0.0, 0.0))
    recorded_the_same(Chain(*map(Sign, zeros)))


def test_blocks_are_not_run_where_their_calls_are_not_recorded(repeats: Repeats) -> None:
    model = Chain(Block(), Block(), Block())
    assert repeats.since(lambda: record(model, IMAGE, blocks=False)) == 2
    assert repeats.since(lambda: record(model, IMAGE, blocks=False, lines=False)) == 2


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


@pytest.mark.parametrize(
    ("owner", "name", "new"),
    [
        (F, "group_norm", lambda x, *args, **kwargs: F.relu(x)),
        (nn.Conv2d, "_conv_forward", lambda self, x, weight, bias: F.relu(x)),
        (Tensor, "ask", lambda x: F.relu(x)),
        (nn.Module, "ask", lambda self, x: F.relu(x)),
    ],
    ids=lambda item: getattr(item, "__name__", str(item)),
)
def test_what_replaces_a_function_of_torch_runs(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, new: Any
) -> None:
    class Asks(Block):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.GroupNorm(2, 4)

        def forward(self, x: Tensor) -> Tensor:
            return Tensor.ask(self.norm(nn.Module.ask(self, super().forward(x))))  # type: ignore[attr-defined,no-any-return]

    monkeypatch.setattr(Tensor, "ask", same_tensor, raising=False)
    monkeypatch.setattr(nn.Module, "ask", same_argument, raising=False)
    old = getattr(owner, name)
    recorded_the_same(
        Chain(Asks(), Asks(), Asks()),
        lambda: setattr(owner, name, old),
        lambda: setattr(owner, name, new),
    )
    setattr(owner, name, old)


def same_tensor(x: Tensor) -> Tensor:
    return x


def same_argument(self: nn.Module, x: Tensor) -> Tensor:
    return x


def test_a_hook_of_all_modules_runs() -> None:
    handles: list[Any] = []

    def remove() -> None:
        while handles:
            handles.pop().remove()

    def add() -> None:
        remove()
        handles.append(register_module_forward_hook(lambda module, args, result: result * 1))

    try:
        recorded_the_same(Chain(Block(), Block(), Block()), remove, add)
    finally:
        remove()


UPSAMPLE = nn.Upsample(scale_factor=2)


def test_a_layer_in_a_global_name_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Enlarges(Block):
        def forward(self, x: Tensor) -> Tensor:
            return UPSAMPLE.forward(super().forward(x))  # type: ignore[no-any-return]

    recorded_the_same(
        Chain(Enlarges(), Enlarges(), Enlarges()),
        lambda: setattr(UPSAMPLE, "scale_factor", 2.0),
        lambda: setattr(UPSAMPLE, "scale_factor", 1.0),
    )


class Unhashable(type):
    def __eq__(cls, other: object) -> bool:
        return cls is other

    __hash__ = None  # type: ignore[assignment]


class OfUnhashable(metaclass=Unhashable):
    flag = True


def test_a_class_that_cannot_be_hashed_changes_nothing() -> None:
    class ReadsClass(Block):
        def is_odd(self) -> bool:
            return OfUnhashable.flag

    recorded_the_same(Chain(ReadsClass(), ReadsClass(), ReadsClass()))


def test_an_element_that_only_equals_another_one_is_not_the_same() -> None:
    class Asks(Block):
        table = {"odd": 1}  # noqa: RUF012

        def is_odd(self) -> bool:
            return self.table["odd"] is True

    recorded_the_same(
        Chain(Asks(), Asks(), Asks()),
        lambda: Asks.table.update(odd=1),
        lambda: Asks.table.update(odd=True),
    )


class Level(Block):
    level = 1


TEMPLATE = "{0.level}"


class FormatsAttribute(Level):
    def is_odd(self) -> bool:
        return TEMPLATE.format(self) == "1"


class LooksUpByAnotherName(Level):
    def is_odd(self, look_up: Any = getattr, name: str = "level") -> bool:
        return bool(look_up(self, name[:1] + name[1:]) == 1)


class Slope(nn.LeakyReLU):
    inplace = False
    negative_slope = 0.1

    def __init__(self) -> None:
        nn.Module.__init__(self)


class OfPyTorchsOwnCode(Level):
    def __init__(self) -> None:
        super().__init__()
        self.slope = Slope()

    def forward(self, x: Tensor) -> Tensor:
        return self.slope(super().forward(x))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("block", "owner", "name", "items"),
    [
        (FormatsAttribute, FormatsAttribute, "level", (1, 2)),
        (LooksUpByAnotherName, LooksUpByAnotherName, "level", (1, 2)),
        (OfPyTorchsOwnCode, Slope, "inplace", (False, True)),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_an_attribute_of_a_class_is_seen_however_it_is_read(
    block: type[Block], owner: type, name: str, items: tuple[Any, Any]
) -> None:
    before, after = items
    setattr(owner, name, before)
    recorded_the_same(
        Chain(block(), block(), block()),
        lambda: setattr(owner, name, before),
        lambda: setattr(owner, name, after),
    )
    setattr(owner, name, before)


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


def test_a_namespace_that_is_no_module_is_free_after_a_run() -> None:
    names: dict[str, Any] = {"Block": Block, "Chain": Chain, "F": F, "__name__": "of_nobody"}
    source = """
class Executed(Block):
    def forward(self, x):
        return F.relu(Block.forward(self, x))

model = Chain(Executed(), Executed(), Executed())
"""
    exec(source, names)
    for _ in range(3):
        record(names["model"], IMAGE)
    last = weakref.ref(names["model"].blocks[2])
    del names
    gc.collect()
    assert last() is None


# ------------------------------------------------------------------------- what is not worth it


class WithAttribute(Block):
    def __init__(self, item: Any) -> None:
        super().__init__()
        self.item = item


def compared(monkeypatch: pytest.MonkeyPatch, model: nn.Module) -> int:
    """How many states of calls are looked at in a first run, and could be."""
    states: list[Any] = []

    def counting(*args: Any) -> Any:
        state = state_of(*args)
        states.append(state)
        return state

    monkeypatch.setattr(visit, "state_of", counting)
    monkeypatch.setattr(block_memo, "state_of", counting)
    record(model, IMAGE)
    return len(states)


def test_blocks_with_numbers_of_their_own_are_not_compared_in_their_first_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert compared(monkeypatch, Chain(*[WithAttribute(0) for _ in range(5)])) > 0
    assert compared(monkeypatch, Chain(*[WithAttribute(number) for number in range(1, 6)])) == 0


@pytest.mark.parametrize(
    "item", [[0] * 5000, dict.fromkeys(range(5000)), (0,) * 5000], ids=["list", "dict", "tuple"]
)
def test_large_containers_are_not_compared(monkeypatch: pytest.MonkeyPatch, item: Any) -> None:
    assert compared(monkeypatch, Chain(*[WithAttribute(item) for _ in range(5)])) == 0


def test_blocks_that_refer_to_the_model_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Chain(Block(), Block(), Block())
    for block in model.blocks:
        block.__dict__["parent"] = [model]
    assert compared(monkeypatch, model) == 0


def test_a_large_container_of_a_class_is_not_watched(repeats: Repeats) -> None:
    class Reads(Block):
        table = dict.fromkeys(range(5000))

        def is_odd(self) -> bool:
            return 3 in self.table

    model = Chain(Reads(), Reads(), Reads())
    assert repeats.since(lambda: [record(model, IMAGE) for _ in range(3)]) == 0


def test_a_block_whose_guards_never_hold_is_not_recorded_for_ever() -> None:
    class Asks(Block):
        def is_odd(self) -> bool:
            return Reset.count > 0

    class Counts(Chain):
        def forward(self, x: Tensor) -> Tensor:
            for block in self.blocks:
                Reset.count += 1
                x = block(x)
            return x

    model = Counts(*[Asks() for _ in range(20)])
    record(model, IMAGE)
    assert BlockMemo._known.impure


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
