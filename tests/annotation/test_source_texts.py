"""The texts of the files of a trace are read from where they are; a missing one is empty."""

from __future__ import annotations

import linecache
from dataclasses import replace
from pathlib import Path

import pytest

from tests.example import FILE, SOURCE, example
from tracer.annotation.source_texts import read_texts
from tracer.record import Line, Trace


def trace_of(file: str) -> Trace:
    return replace(example(), lines=(Line("", "f", file, 1, 0, 0),))


def test_a_file_is_found_in_a_folder_that_is_imported_from() -> None:
    assert read_texts(example())[FILE].splitlines() == SOURCE


@pytest.mark.parametrize("data", [b"# coding: no-such\n", b"\xff\xff"])
def test_a_file_in_no_known_encoding_has_no_text(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.py").write_bytes(data)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert read_texts(trace_of("net.py")) == {"net.py": ""}


def test_a_missing_file_has_no_text() -> None:
    assert read_texts(trace_of("no/such/file.py")) == {"no/such/file.py": ""}


def test_a_cell_of_a_notebook_is_known_by_the_text_that_tracebacks_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ["def f():\n", "    pass\n"]
    cell = (17, None, lines, "ipykernel_1/4242.py")
    monkeypatch.setitem(linecache.cache, "ipykernel_1/4242.py", cell)
    assert read_texts(trace_of("4242.py")) == {"4242.py": "".join(lines)}
