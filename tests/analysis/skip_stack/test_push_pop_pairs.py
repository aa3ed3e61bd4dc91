"""Which pop returned which push."""

from __future__ import annotations

from tests.analysis.skip_stack.events import event, in_turn, tensor
from tracer.analysis.skip_stack.push_pop_pairs import pair_pushes_and_pops
from tracer.analysis.stack_events import StackEvent


def pairs(*events: StackEvent) -> list[tuple[str | None, str | None]]:
    """The names of what was pushed and popped, pair by pair."""
    return [
        (name_of(pair.push), name_of(pair.pop)) for pair in pair_pushes_and_pops(in_turn(*events))
    ]


def name_of(found: StackEvent | None) -> str | None:
    return found.value.name if found else None


def test_each_pop_takes_the_push_of_the_same_tensor() -> None:
    pushes = event("push", "a", 1), event("push", "b", 2)
    events = in_turn(*pushes, event("pop", "b", 1), event("pop", "a", 0))
    found = pair_pushes_and_pops(events)
    assert [(pair.push, pair.pop) for pair in found] == [
        (events[0], events[3]),
        (events[1], events[2]),
    ]


def test_a_queue_is_paired_as_well() -> None:
    events = [event("push", "a", 1), event("push", "b", 2)]
    events += [event("pop", "a", 1), event("pop", "b", 0)]
    assert pairs(*events) == [("a", "a"), ("b", "b")]


def test_a_tensor_that_is_pushed_twice_is_popped_from_the_top() -> None:
    events = [event("push", "a", 1, step=1), event("push", "a", 2, step=2)]
    events += [event("pop", "a", 1, step=3)]
    assert [pair.pop and pair.pop.step for pair in pair_pushes_and_pops(events)] == [None, 3]


def test_a_push_without_a_pop_is_left_over() -> None:
    assert pairs(event("push", "a", 1)) == [("a", None)]


def test_a_tensor_changed_in_place_comes_back_under_another_name() -> None:
    events = [event("push", "a", 1), event("push", "b", 2)]
    events += [event("pop", "b.changed", 1), event("pop", "a", 0)]
    assert pairs(*events) == [("a", "a"), ("b", "b.changed")]


def test_a_changed_tensor_is_not_mistaken_for_one_that_is_popped_later() -> None:
    events = [event("push", "a", 1), event("push", "b", 2)]
    events += [event("pop", "a.changed", 1), event("pop", "b", 0)]
    assert pairs(*events) == [("a", "a.changed"), ("b", "b")]


def test_a_changed_tensor_keeps_its_shape() -> None:
    events = [event("push", tensor("a", 1, 8), 1), event("pop", tensor("b", 1, 4), 0)]
    assert pairs(*events) == [("a", None), (None, "b")]


def test_lists_of_other_names_and_blocks_are_other_lists() -> None:
    events = [event("push", "a", 1), event("push", "a", 1, on="skips")]
    events += [event("push", "a", 1, block="up"), event("pop", "a", 0, block="up", step=7)]
    by_owner = {pair.owner: pair.pop for pair in pair_pushes_and_pops(events)}
    assert by_owner == {
        ("", "Net.forward", "hs"): None,
        ("", "Net.forward", "skips"): None,
        ("up", "Net.forward", "hs"): events[3],
    }


def test_a_function_that_runs_again_begins_with_an_empty_list() -> None:
    events = [event("push", "a", 1), event("push", "b", 1), event("pop", "a", 0)]
    assert pairs(*events) == [("a", None), ("b", "a")]


def test_a_list_that_is_handed_to_another_function_is_emptied_there() -> None:
    events = [event("push", "a", 1), event("pop", "a", 0, on="skips", block="decoder")]
    (pair,) = pair_pushes_and_pops(events)
    assert (pair.push, pair.pop) == (events[0], events[1])
    assert pair.owner == ("", "Net.forward", "hs")
    assert not pair.is_complete


def test_a_pop_of_something_that_nobody_saw_pushed_is_kept() -> None:
    assert pairs(event("pop", "a", 0)) == [(None, "a")]


def test_a_list_that_a_line_rearranges_keeps_what_it_holds() -> None:
    events = [event("push", "a", 1, step=1), event("push", "b", 2, step=2)]
    turned = [event("pop", "b", 1, step=3), event("pop", "a", 0, step=3)]
    turned += [event("push", "b", 1, step=3), event("push", "a", 2, step=3)]
    last = event("pop", "a", 1, step=4)
    assert [(pair.push, pair.pop) for pair in pair_pushes_and_pops([*events, *turned, last])] == [
        (events[0], last),
        (events[1], None),
    ]


def test_a_line_that_puts_one_tensor_in_the_place_of_another_pops_and_pushes() -> None:
    events = [event("push", "a", 1, step=1), event("pop", "a", 0, step=2)]
    events += [event("push", "b", 1, step=2)]
    assert [(pair.push, pair.pop) for pair in pair_pushes_and_pops(events)] == [
        (events[0], events[1]),
        (events[2], None),
    ]
