"""What the model's own lines push on their lists and pop from them, line by line."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.example import example
from tests.from_torch.zoo import UNETS, Case, each_case, quiet, source_line, traced
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips
from tracer.analysis.stack_events import StackEvent, stack
from tracer.record import Block, Change, Line, Trace, Value

pytestmark = quiet

with_lists = pytest.mark.parametrize(
    "one", [one for one in UNETS.values() if one.stack], ids=lambda one: one.name
)


def named(one: Case) -> list[StackEvent]:
    """The events on the lists that the zoo tells of."""
    names = {text.split()[1] for text in one.stack}
    return [event for event in stack(traced(one.name)) if event.name in names]


@with_lists
def test_there_are_as_many_pushes_and_pops_as_a_reader_counts(one: Case) -> None:
    assert Counter(f"{event.kind} {event.name}" for event in named(one)) == Counter(one.stack)


@with_lists
def test_every_event_is_on_the_line_that_does_it(one: Case) -> None:
    for event in named(one):
        assert f"{event.kind} {event.name}" in source_line(event.file, event.line)


@with_lists
def test_the_depth_is_what_pushes_and_pops_add_up_to(one: Case) -> None:
    depths: dict[tuple[str, str, str], int] = {}
    for event in named(one):
        before = event.depth - (1 if event.kind == "push" else -1)
        assert depths.get(event.owner, before) == before  # a list may come with something in it
        depths[event.owner] = event.depth


@each_case
def test_events_come_in_the_order_of_the_steps(one: Case) -> None:
    steps = [event.step for event in stack(traced(one.name))]
    assert steps == sorted(steps)


WITNESSES = [
    *("ListUNet", "TupleUNet", "TwoStacks", "Deque", "ReturnedByAHelper", "Controlled"),
    *("PopsFromTheFront", "PopsByNumber", "SpreadOverLines", "WithCompanions", "TransformerUNet"),
    *("one_dimensional", "three_dimensional"),
]


@pytest.mark.parametrize("name", WITNESSES)
def test_both_witnesses_tell_of_the_same_skips(name: str) -> None:
    """Every skip that the data flow shows was on a list, and was popped before it was joined."""
    found = ledger(traced(name))
    links = [link for entry in found.entries for link in entry.joins]
    assert len(links) == len(skips(traced(name))) == len(UNETS[name].skips)
    assert found.unobserved == ()
    for entry in found.entries:
        assert entry.pushed.observed
        if entry.joins:
            assert entry.popped is not None
            assert entry.popped.observed
            assert entry.pushed.step <= entry.popped.step


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ListUNet", True),
        ("TupleUNet", True),
        ("PopsFromTheFront", True),
        ("PopsFromTheMiddle", False),
        ("PopsByNumber", False),
    ],
)
def test_last_in_first_out_or_not(name: str, expected: bool) -> None:
    """A list that grows and shrinks at its front is a stack, too."""
    assert ledger(traced(name)).last_in_first_out is expected


# ------------------------------------------------------------------------------- lines by hand


def trace_of(*lines: tuple[int, str], function: str = "Net.forward") -> Trace:
    """A trace of lines, each written as its number and changes: ``"+a1 -b0"``."""
    root = Block("", "", "Net", (), (), 0, 0, 0, 0)
    return Trace("Net", (), (), (), root, tuple(line(*one, function) for one in lines))


def line(number: int, changes: str, function: str) -> Line:
    found = tuple(
        Change(
            "push" if text[0] == "+" else "pop",
            "hs",
            Value(text[1], (1, 2), "float32"),
            int(text[2:]),
        )
        for text in changes.split()
    )
    return Line("", function, "net.py", number, number, number, (), found)


def test_a_list_that_one_line_makes_and_none_changes_is_no_stack() -> None:
    assert stack(trace_of((1, "+a1 +b2 +c3"))) == ()


def test_a_list_that_is_popped_is_a_stack() -> None:
    events = stack(trace_of((1, "+a1 +b2"), (2, "-b1")))
    assert [(event.kind, event.line, event.depth) for event in events] == [
        ("push", 1, 1),
        ("push", 1, 2),
        ("pop", 2, 1),
    ]


def test_a_list_that_a_later_line_pushes_on_is_a_stack() -> None:
    assert len(stack(trace_of((1, "+a1"), (2, "+b2")))) == 2


def test_lists_of_two_functions_are_two() -> None:
    one, other = trace_of((1, "+a1")), trace_of((2, "+b1"), function="helper")
    both = Trace("Net", (), (), (), one.root, one.lines + other.lines)
    assert stack(both) == ()


def test_an_event_knows_how_many_steps_had_run() -> None:
    assert [event.step for event in stack(trace_of((1, "+a1"), (5, "-a0")))] == [1, 5]


def test_a_trace_without_lines_has_no_events() -> None:
    assert stack(trace_of()) == ()


def test_the_hand_built_trace_pushes_and_pops_three_times() -> None:
    events = stack(example())
    assert [event.kind for event in events] == ["push"] * 3 + ["pop"] * 3
    assert [event.depth for event in events] == [1, 2, 3, 2, 1, 0]
    assert {event.owner for event in events} == {("", "ToyUNet.forward", "hs")}
