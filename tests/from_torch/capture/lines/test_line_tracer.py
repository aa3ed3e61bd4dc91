"""The lines of the model's own source: which ran, what they bound, what they pushed and popped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from tests.from_torch.zoo import source_line, traced
from tracer.from_torch.capture.lines.container_snapshots import ContainerSnapshot, container_changes
from tracer.from_torch.capture.lines.frame_state import FrameState
from tracer.from_torch.capture.recorded_op import ModuleScope
from tracer.from_torch.capture.source.code_names import names_in_code
from tracer.record import Line, Value

Ids = Sequence[str]


def held(letters: str, owner: object = None) -> ContainerSnapshot:
    """A list of tensors, each called by a letter."""
    return ContainerSnapshot(
        owner, tuple((ord(one), Value(one, (1,), "float32")) for one in letters)
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "a", ["push a 1"]),
        ("", "ab", ["push a 1", "push b 2"]),
        ("ab", "abc", ["push c 3"]),
        ("abc", "ab", ["pop c 2"]),
        ("abc", "a", ["pop c 2", "pop b 1"]),
        ("abc", "bc", ["pop a 2"]),
        ("abc", "c", ["pop b 2", "pop a 1"]),
        ("bc", "abc", ["push a 3"]),
        ("abcd", "abd", ["pop c 3"]),
        ("abd", "abcd", ["push c 4"]),
        ("ab", "ac", ["pop b 1", "push c 2"]),
        ("a", "b", ["pop a 0", "push b 1"]),
        ("ab", "", ["pop b 1", "pop a 0"]),
        ("aa", "aaa", ["push a 3"]),
        ("aab", "ab", ["pop a 2"]),
        ("ab", "ab", []),
        ("", "", []),
    ],
)
def test_what_a_line_did_to_a_list_is_told_from_before_and_after(
    before: str, after: str, expected: list[str]
) -> None:
    found = container_changes("hs", held(before), held(after))
    assert [f"{one.kind} {one.value.name} {one.depth}" for one in found] == expected


def test_another_list_under_the_same_name_neither_lost_nor_won_anything() -> None:
    assert list(container_changes("hs", held("ab", owner=1), held("cd", owner=2))) == []


def test_a_part_of_a_list_under_the_same_name_lost_the_rest() -> None:
    found = container_changes("hs", held("abc", owner=1), held("a", owner=2))
    assert [one.kind for one in found] == ["pop", "pop"]


@dataclass
class Known:
    """The values of tensors, as a line tracer asks a recorder for them, each with its own name."""

    current: dict[int, Value] = field(default_factory=dict)
    revision: int = 0
    alive: list[Tensor] = field(default_factory=list)

    def tensor(self) -> Tensor:
        """A new tensor with a value."""
        self.alive.append(torch.ones(1))
        return self.renew(self.alive[-1])

    def renew(self, tensor: Tensor) -> Tensor:
        """Give a tensor another value, as a change in place does."""
        self.revision += id(tensor) in self.current
        name = f"v{len(self.current)}.{self.revision}"
        self.current[id(tensor)] = Value(name, (1,), "float32")
        return tensor

    def peek(self, tensor: Tensor) -> Value | None:
        return self.current.get(id(tensor))

    def held(self, owner: list[Any]) -> ContainerSnapshot:
        """A list, looked at from its first element to its last."""
        return ContainerSnapshot(owner, tuple((id(one), self.current[id(one)]) for one in owner))


EDITS: dict[str, Callable[[list[Tensor], Known, int], object]] = {
    "append": lambda hs, known, at: hs.append(known.tensor()),
    "append again": lambda hs, known, at: hs.append(hs[at]),
    "extend": lambda hs, known, at: hs.extend([known.tensor(), known.tensor()]),
    "insert": lambda hs, known, at: hs.insert(at, known.tensor()),
    "pop": lambda hs, known, at: hs.pop(),
    "pop anywhere": lambda hs, known, at: hs.pop(at),
    "cut": lambda hs, known, at: hs.__delitem__(slice(at, None)),
    "exchange": lambda hs, known, at: hs.__setitem__(at, known.tensor()),
    "turn round": lambda hs, known, at: hs.reverse(),
    "change in place": lambda hs, known, at: known.renew(hs[at]),
    "nothing": lambda hs, known, at: None,
}


def forward(hs: list[Tensor]) -> Generator[None, None, None]:
    """A function that has a list, and stands still."""
    yield


@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 5)), max_size=30))
def test_a_list_is_seen_as_if_each_look_went_through_it_from_the_start(
    edits: list[tuple[str, int]],
) -> None:
    known = Known()
    hs: list[Tensor] = []
    running = forward(hs)
    next(running)
    recorder: Any = SimpleNamespace(
        scope=ModuleScope(""), operations=[], values=known, last_error=None
    )
    state = FrameState(running.gi_frame, recorder, names_in_code(forward.__code__), {})
    state.begin_line(running.gi_frame, 0)
    for name, at in edits:
        before = known.held(hs)
        if hs or name in ("append", "insert", "extend"):
            EDITS[name](hs, known, min(at, len(hs) - 1) if hs else 0)
        line = state.finish_line(running.gi_frame)
        seen = line.changes if line else ()
        assert seen == tuple(container_changes("hs", before, known.held(hs)))
        assert state.lists["hs"].items == known.held(hs).items


def lines_of(name: str, text: str) -> list[Line]:
    """The executions of the lines of a model that hold a text."""
    trace = traced(name)
    return [line for line in trace.lines if text in source_line(line.file, line.line)]


def test_a_line_in_a_loop_is_a_line_each_time() -> None:
    found = lines_of("ListUNet", "h = block(h, temb)")
    assert [dict(line.names)["h"].shape[-1] for line in found] == [8, 8, 16, 16]


def test_a_line_holds_the_steps_of_what_it_called() -> None:
    trace = traced("ListUNet")
    (line,) = lines_of("ListUNet", "h = self.middle(h, temb)")
    assert {step.block.partition(".")[0] for step in trace.steps[line.first : line.last]} == {
        "middle"
    }
    assert line.function == "ListUNet.forward"
    assert line.block == ""


def test_a_change_in_place_binds_every_name_of_the_tensor_anew() -> None:
    (line,) = lines_of("AddedTo", "h += x")
    assert [name for name, _ in line.names] == ["h", "y"]
    assert len({value for _, value in line.names}) == 1


def test_several_names_bound_at_once_are_all_there() -> None:
    (line,) = lines_of("ChunkedAndChanged", "a, b = h.chunk")
    assert [name for name, _ in line.names] == ["a", "b"]


def test_functions_within_forward_have_lines_of_their_own() -> None:
    functions = {line.function for line in traced("Generates").lines}
    assert {
        "Generates.forward",
        "Generates.features",
        "Generates.forward.<locals>.double",
    } <= functions


def test_lines_that_touch_no_tensor_are_left_out() -> None:
    trace = traced("ListUNet")
    texts = {source_line(line.file, line.line) for line in trace.lines}
    assert "assert not hs" not in texts
    assert not any(text.startswith(("for ", "if ")) for text in texts)


def test_a_line_that_fails_is_there() -> None:
    assert lines_of("SharedState", "x = layer(torch.cat(")


class Asks(nn.Module):
    """Keeps the trace function that is installed while it runs."""

    seen: Any = None

    def forward(self, x: Tensor) -> Tensor:
        Asks.seen = sys.gettrace()
        return x + 1


def follow(frame: Any, event: str, arg: Any) -> Any:
    return follow


@pytest.mark.parametrize("lines", [True, False])
def test_a_debugger_is_set_aside_only_while_the_model_runs(lines: bool) -> None:
    before = sys.gettrace()
    sys.settrace(follow)
    try:
        tracer.trace(Asks(), torch.ones(2), lines=lines)
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is follow
    assert (Asks.seen is follow) is not lines


def test_a_coverage_tool_sees_the_lines_of_the_model_meanwhile() -> None:
    seen: list[tuple[str, str]] = []

    def measure(frame: Any, event: str, arg: Any) -> Any:
        if frame.f_code is Asks.forward.__code__:
            first = frame.f_code.co_firstlineno
            seen.append((event, str(frame.f_lineno - first)))
        if event == "call":
            sys.settrace(measure)  # as one does that is written in C
        return measure

    before = sys.gettrace()
    sys.settrace(measure)
    try:
        trace = tracer.trace(Asks(), torch.ones(2))
    finally:
        sys.settrace(before)
    assert seen == [("call", "0"), ("line", "1"), ("line", "2"), ("return", "2")]
    assert [line.line for line in trace.lines]


def test_a_coverage_tool_that_counts_calls_and_returns_still_can() -> None:
    running: list[Any] = []
    strays: list[str] = []

    def count(frame: Any, event: str, arg: Any) -> Any:
        if event == "call":
            running.append(frame)
        elif event == "return":
            strays.extend([] if running[-1] is frame else [frame.f_code.co_qualname])
            running.pop()
        return count

    def measured() -> list[str]:
        tracer.trace(Asks(), torch.ones(2))
        return list(map(str, running))

    before = sys.gettrace()
    sys.settrace(count)
    try:
        left = measured()
    finally:
        sys.settrace(before)
    assert (len(left), strays) == (1, [])


def test_without_lines_nothing_is_watched() -> None:
    before = sys.gettrace()
    trace = tracer.trace(Asks(), torch.ones(2), lines=False)
    assert Asks.seen is before
    assert trace.lines == ()
    assert tracer.stack(trace) == ()


# ------------------------------------------------------------------------------------ containers


def changes_of(name: str) -> list[str]:
    """What the lines of a model did to its containers, in the order in which they began."""
    lines = traced(name).lines
    return [f"{one.kind} {one.name} {one.depth}" for line in lines for one in line.changes]


def reads_of(name: str) -> list[tuple[str, str]]:
    """What lines took from a container and left there: the container, and the text of the line."""
    lines = traced(name).lines
    return [(read, source_line(line.file, line.line)) for line in lines for read, _ in line.reads]


def test_a_dict_is_a_container() -> None:
    assert changes_of("DictUNet") == ["push kept 1", "push kept 2", "pop kept 1"]
    assert reads_of("DictUNet") == [
        ("kept", 'return self.five(joined(up(h), kept["fine"]))'),
    ]


def test_a_deque_is_a_container() -> None:
    assert changes_of("AddedFromADeque") == ["push hs 1", "push hs 2", "pop hs 1", "pop hs 0"]


def test_a_list_that_is_an_attribute_is_seen_in_every_function_that_names_it() -> None:
    lines = traced("AttributeUNet").lines
    functions = [
        line.function.rpartition(".")[2]
        for line in lines
        for change in line.changes
        if change.name == "self.skips"
    ]
    assert functions == ["forward", "forward", "encode", "encode", "forward", "forward"]


def test_a_tensor_that_is_an_attribute_is_a_container_of_one() -> None:
    assert changes_of("AttributesUNet") == ["push self.fine 1", "push self.coarse 1"]
    assert [name for name, _ in reads_of("AttributesUNet")] == [
        "self.coarse",
        "self.coarse",
        "self.fine",
    ]


def test_what_is_read_by_index_is_told_by_its_line() -> None:
    assert reads_of("AddedByIndex") == [("hs", "h = layer(h + hs[-number])")] * 2


def test_a_list_that_a_line_makes_whole_did_not_exist_before() -> None:
    lines = traced("ResidualOfWhatIsOnTheList").lines
    existed = [change.existed for line in lines for change in line.changes]
    assert existed == [False, True, True, True]


def test_a_tensor_with_a_name_of_its_own_need_not_be_from_the_container() -> None:
    lists = {name for name, _ in reads_of("RefinedInTheDecoder")}
    assert lists == set()
    assert ("hs", "h = self.middle(h, temb)") not in reads_of("ListUNet")


HOSTILE_METHODS = [
    "__getattr__",
    "__getattribute__",
    "__len__",
    "__iter__",
    "__eq__",
    "__bool__",
    "__contains__",
    "__getitem__",
    "__hash__",
    "__repr__",
    "__class__",
    "__dict__",
]


def hostile_object(method: str, base: type = object) -> Any:
    """An object of a new class, one method of which raises."""

    def raising(*_: object) -> Any:
        raise RuntimeError(f"{method} was called")

    is_attribute = method in {"__class__", "__dict__"}
    kind = type("Hostile", (base,), {method: property(raising) if is_attribute else raising})
    return kind() if base is object else base.__new__(kind)


class Hostile(nn.Module):
    """Has an object whose methods raise in every place where containers are looked for."""

    def __init__(self, method: str, base: type) -> None:
        super().__init__()
        self.method, self.base = method, base
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        held = hostile_object(self.method, self.base)
        skips = [self.conv(x), held, (held, x)]
        named = {"first": held}
        self.state = SimpleNamespace(held=held, skips=skips)
        if x.shape[0] > 99:
            held.skips.append(self.state.held.skips, held.state.skips)
        return x + skips[0] * len(named)


@pytest.mark.parametrize("base", [object, list, tuple, nn.Module])
@pytest.mark.parametrize("method", HOSTILE_METHODS)
def test_no_method_of_an_object_is_called_to_look_for_containers(method: str, base: type) -> None:
    trace = tracer.trace(Hostile(method, base), torch.randn(1, 3, 8, 8))
    assert [step.op for step in trace.steps] == ["conv2d", "mul", "add"]


class Lazy(nn.Module):
    """A module that is made in `forward`, and looks up what it has not got before `__init__`."""

    def __init__(self, x: Tensor) -> None:
        self.__dict__["first"] = x
        if "_modules" in self.__dict__:
            self.skips.append(x)
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.first


class MakesModules(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return Lazy(x * 2)(x)


def test_a_module_may_be_made_in_forward() -> None:
    trace = tracer.trace(MakesModules(), torch.randn(1, 3, 8, 8))
    assert [step.op for step in trace.steps] == ["mul", "add"]
