"""tracer/render/tables/fold_repeats.py: when several blocks in a row are told as one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracer.record import Block, Value
from tracer.render.tables.fold_repeats import Foldable, range_of, runs


def block(call: str, *children: Block, width: int = 8, kind: str = "Block") -> Block:
    path = call.partition("@")[0]
    value = Value(f"out of {call}", (1, width), "float32")
    return Block(call, path, kind, (value,), (value,), 5, 5, 0, 2, children)


def part(*blocks: Block, path: str = "") -> Foldable:
    return Foldable(path or blocks[0].call, blocks)


def folded(*parts: Foldable) -> list[int]:
    """How many parts each run has."""
    return [len(run) for run in runs(parts, lambda one: one)]


def calls(*names: str) -> list[Foldable]:
    return [part(block(name)) for name in names]


@pytest.mark.parametrize(
    ("names", "lengths"),
    [
        (("down.0", "down.1", "down.2"), [3]),
        (("down.2", "down.1", "down.0"), [3]),
        (("0", "1", "2"), [3]),
        (("down.9", "down.10"), [2]),
        (("act", "act@1", "act@2"), [3]),
        (("down.0@1", "down.1@1"), [2]),
        (("down.0", "down.2"), [1, 1]),
        (("down.0", "up.1"), [1, 1]),
        (("down.0", "down.1@1"), [1, 1]),
        (("q", "k", "v"), [1, 1, 1]),
        (("conv1", "conv2"), [1, 1]),
        (("down.0", "down.1", "down.1@1"), [2, 1]),
        (("act", "act@2"), [1, 1]),
    ],
)
def test_the_next_members_of_a_list_fold_and_the_next_calls_of_a_module(
    names: tuple[str, ...], lengths: list[int]
) -> None:
    assert folded(*calls(*names)) == lengths


DIFFERENT = {
    "class": block("a.1", kind="Other"),
    "shape": block("a.1", width=9),
    "parameters": replace(block("a.1"), parameters=6),
    "own parameters": replace(block("a.1"), own_parameters=4),
    "buffers": replace(block("a.1"), buffers=1),
    "operations": replace(block("a.1"), last=3),
    "children": block("a.1", block("a.1.conv")),
    "dtype": replace(block("a.1"), outputs=(Value("h", (1, 8), "float16"),)),
}


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_in_anything_that_is_told_does_not_fold(other: Block) -> None:
    assert folded(part(block("a.0")), part(block("a.1"))) == [2]
    assert folded(part(block("a.0")), part(other)) == [1, 1]


def test_what_is_inside_has_to_be_alike_all_the_way_down() -> None:
    def deep(call: str, kind: str) -> Foldable:
        inner = block(f"{call}.conv", block(f"{call}.conv.inner", kind=kind))
        return part(block(call, inner))

    assert folded(deep("a.0", "Conv"), deep("a.1", "Conv"), deep("a.2", "Norm")) == [2, 1]


def test_blocks_that_call_a_module_from_elsewhere_fold_in_whichever_call_of_it() -> None:
    parts = [part(block(f"a.{n}", block(f"act@{n}" if n else "act"))) for n in range(3)]
    assert folded(*parts) == [3]


def test_groups_fold_when_their_blocks_are_alike() -> None:
    def group(number: int, *names: str) -> Foldable:
        path = f"layers.{number}"
        return part(*(block(f"{path}.{name}") for name in names), path=path)

    assert folded(group(0, "attn", "ff"), group(1, "attn", "ff")) == [2]
    assert folded(group(0, "attn", "ff"), group(1, "ff", "attn")) == [1, 1]
    assert folded(group(0, "attn", "ff"), group(1, "attn")) == [1, 1]


def test_a_run_ends_where_another_begins() -> None:
    assert folded(*calls("a.0", "a.1"), part(block("a.2", width=9)), *calls("b.0", "b.1")) == [
        2,
        1,
        2,
    ]


def test_nothing_folds_into_nothing() -> None:
    assert folded() == []


def test_who_asks_may_forbid_it() -> None:
    found = runs(calls("a.0", "a.1"), lambda one: one, lambda one, other: False)
    assert [len(run) for run in found] == [1, 1]


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("down.0", "down.3", "down.0–3"),
        ("down.3", "down.0", "down.3–0"),
        ("0", "11", "0–11"),
        ("a.b.8", "a.b.10", "a.b.8–10"),
        ("down.0@1", "down.3@1", "down.0–3@1"),
        ("act", "act@2", "act"),
        ("act@1", "act@2", "act@1"),
    ],
)
def test_a_run_is_named_by_its_ends(first: str, last: str, name: str) -> None:
    assert range_of(first, last) == name


def test_a_range_can_be_written_in_ascii() -> None:
    assert range_of("down.0", "down.3", "-") == "down.0-3"
