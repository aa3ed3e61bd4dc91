"""A damaged lock file is read or refused with one message, and can be compared if it is read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import GOLDEN, examples
from tests.example import example
from tests.robustness.mutated import HOSTILE, break_once, broken_bytes
from tracer.render.formats.plain import write
from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
from tracer.snapshot import LockFileError, SizeRulesSpec, Snapshot, from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import compare

RULES = SizeRulesSpec(
    {"x": ("B", "3", "H", "W"), "t": ("B",)},
    {"B": "any", "H": "multiples of 8, and 0 or 3 to 7 more, at least 8", "W": "8 or 16 only"},
)
BASE = replace(snapshot_of(example()), size_rules=RULES)
FORMULAS = (GOLDEN / "files_of_0_1" / "ddpm_cifar10_symbolic.lock.yaml").read_text()
BROKEN = 500
WORDS = (
    *(text for text in HOSTILE if isinstance(text, str)),
    *("!!timestamp x", "&a [*a]", "*a", "[" * 30_000 + "]" * 30_000, "{" * 30_000, "- " * 20_000),
    *("0 to 99999999999 only", "multiples of 0, at least 0", "equal to Q, any", "1 or 1 only"),
    *(
        "[1 3] -> [1]",
        "Net([99999999999999999999]) -> nothing",
        "N([H**99]) -> nothing",
    ),
    *("a -> b; [1]", "a -> b; [1]" * 3_000, " -> " * 3_000 + "; [1]; via x" * 3_000, "(" * 20_000),
    *(
        "Net(" + "[1], " * 3_000,
        "|",
        ">",
        "? x",
        "'",
        '"',
        "%",
        "@",
        "`",
        "<<: x",
        "\t",
        "---",
        "...",
    ),
)
"""What takes the place of what a line says, or is written below it."""


@cache
def corpus() -> tuple[str, ...]:
    """Every damaged lock file that is tried."""
    lines = to_lock(BASE).splitlines()
    damaged = [
        "\n".join([*lines[:number], changed, *lines[number + 1 :]])
        for number in _first_of_each_kind(lines)
        for changed in _changed_lines(lines[number])
    ]
    text = to_lock(BASE).encode()
    broken = [*broken_bytes(text, BROKEN), *broken_bytes(FORMULAS.encode(), BROKEN // 10)]
    return (*damaged, *(one.decode("utf-8", errors="replace") for one in broken))


def _first_of_each_kind(lines: list[str]) -> list[int]:
    """One line of every section, and every line that is not in a list."""
    kinds = {(line[:3], line.strip()[:1] == "-"): number for number, line in enumerate(lines)}
    return sorted({*kinds.values(), *range(3, 18)})


def _changed_lines(line: str) -> Iterator[str]:
    head = line[: line.find(":") + 1] if ":" in line else line[:4]
    for word in WORDS:
        yield f"{head} {word}"
    for word in WORDS[::5]:
        yield f"{line}\n{line[: len(line) - len(line.lstrip())]}zz: {word}"
    yield f"{line}\n{line}"
    yield ""


def read(text: str) -> Snapshot | None:
    """The snapshot in a lock file; None for one that is refused, in one short line."""
    try:
        return from_lock(text, "x.yaml")
    except LockFileError as error:
        message = str(error)
    assert message.startswith("x.yaml")
    assert "\n" not in message
    assert len(message) < 600
    return None


@cache
def read_ones() -> tuple[Snapshot, ...]:
    """The snapshots that differ from the one that was damaged, and are read nevertheless."""
    found = map(read, corpus())
    return tuple(one for one in found if one is not None and one != BASE)


def compare_with_base(snapshot: Snapshot) -> None:
    found = compare(BASE, snapshot)
    difference_records(found)
    table = difference_table(found, ColumnTitles("locked", "now", "x", "y"), every=True)
    write([table], {}, 100)


def test_a_damaged_lock_file_is_read_or_refused() -> None:
    assert 0 < len(read_ones()) < len(corpus())


def test_a_damaged_lock_file_that_is_read_is_compared_and_written_again() -> None:
    for snapshot in random.Random(0).sample(read_ones(), 40):
        compare_with_base(snapshot)
        assert from_lock(to_lock(snapshot)) == replace(snapshot, older=False)


@pytest.mark.nightly
def test_every_damaged_lock_file_that_is_read_is_compared_and_written_again() -> None:
    for snapshot in read_ones():
        compare_with_base(snapshot)
        assert from_lock(to_lock(snapshot)) == replace(snapshot, older=False)


@pytest.mark.nightly
@examples(500)
@given(data=st.data())
def test_a_lock_file_that_is_broken_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    text = to_lock(BASE).encode()
    for _ in range(data.draw(st.integers(1, 4))):
        piece = data.draw(st.binary(max_size=8) | st.sampled_from([w.encode() for w in WORDS]))
        text = break_once(text, lambda end: data.draw(st.integers(0, max(0, end - 1))), piece)
    snapshot = read(text.decode("utf-8", errors="replace"))
    if snapshot is not None:
        compare_with_base(snapshot)
