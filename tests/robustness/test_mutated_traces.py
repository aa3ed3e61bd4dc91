"""A damaged trace is read or refused with one message, and every command works on what is read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.example import example, symbolic_example
from tests.robustness.mutated import break_once, broken_bytes, changed_documents, encoded
from tracer.cli import main
from tracer.record import Symbol, Trace
from tracer.store import TraceFileError, from_json, save, to_json

SYMBOLS = (Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2))
BASES = {"numbers": example(), "formulas": replace(symbolic_example(), symbols=SYMBOLS)}
BROKEN = 400
"""How many documents with broken bytes are tried, for each base."""
SHOWN = 12
"""On how many of the documents that are read all commands are run, for each base."""


@cache
def corpus(base: str) -> tuple[bytes, ...]:
    """Every damaged document that is made from a base."""
    data = to_json(BASES[base])
    changed = map(encoded, changed_documents(json.loads(data)))
    return (*changed, *broken_bytes(data, BROKEN))


def read(data: bytes) -> Trace | None:
    """The trace in a document; None for one that is refused, in one short line."""
    try:
        return from_json(data, "x.json")
    except TraceFileError as error:
        message = str(error)
    assert message.startswith("x.json")
    assert len(message) < 600
    return None


@cache
def read_ones(base: str) -> tuple[Trace, ...]:
    """The traces of a base that differ from it, and are read nevertheless."""
    found = map(read, corpus(base))
    return tuple(trace for trace in found if trace is not None and trace != BASES[base])


def commands(path: Path, other: Path, folder: Path) -> Iterator[list[str]]:
    """One call of every command that takes a saved trace."""
    file, lock = str(path), str(folder / "x.yaml")
    yield ["show", file, "--ops", "--no-fold"]
    yield ["show", file, "--format", "html"]
    yield ["stack", file, "--format", "json"]
    yield ["cost", file, "--by", "level"]
    yield ["diagram", file, "-o", str(folder / "x.dot")]
    yield ["trace", file, "-o", str(folder / "y.json")]
    yield ["lock", file, "-o", lock]
    yield ["check", file, lock]
    yield ["diff", file, str(other)]


def run_commands(trace: Trace, base: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = folder / "x.json", folder / "base.json"
    save(trace, path)
    save(BASES[base], other)
    for words in commands(path, other, folder):
        status = main(words)
        said = capsys.readouterr().err
        assert status in {0, 1, 2}, words
        assert "Internal error" not in said, (words, said)


@pytest.mark.parametrize("base", BASES)
def test_a_damaged_trace_is_read_or_refused(base: str) -> None:
    assert 0 < len(read_ones(base)) < len(corpus(base))


@pytest.mark.parametrize("base", BASES)
def test_every_command_works_on_a_damaged_trace_that_is_read(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for trace in random.Random(0).sample(read_ones(base), SHOWN):
        run_commands(trace, base, tmp_path, capsys)


@pytest.mark.nightly
@pytest.mark.parametrize("base", BASES)
def test_every_command_works_on_all_damaged_traces_that_are_read(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for trace in read_ones(base):
        run_commands(trace, base, tmp_path, capsys)


@pytest.mark.nightly
@examples(500)
@given(base=st.sampled_from(sorted(BASES)), data=st.data())
def test_a_trace_that_is_broken_anywhere_is_read_or_refused(base: str, data: st.DataObject) -> None:
    document = to_json(BASES[base])
    for _ in range(data.draw(st.integers(1, 4))):
        piece = data.draw(st.binary(max_size=8))
        document = break_once(
            document, lambda end: data.draw(st.integers(0, max(0, end - 1))), piece
        )
    read(document)
