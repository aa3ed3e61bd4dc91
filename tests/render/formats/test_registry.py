"""tracer/render/formats/registry.py: the list of formats, and what every format has to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import GOLDEN, ROOT
from tests.example import example
from tracer.analysis.skip_stack import ledger
from tracer.cli import main
from tracer.cli.app import unet_trace
from tracer.cli.output import Destination, RowOptions, write_table
from tracer.render.formats.registry import FORMATS, Format, Records, format_for
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.skip_stack import skip_stack_table

TABLES = {
    "shapes": shape_table(example()),
    "stack": skip_stack_table(ledger(example())),
    "no rows": Table("Skips", (Column("from", ()),), ("No skips.",)),
    "sentences": Table("It fails", (), ("Two sizes differ.",)),
}
RECORDS = {"model": "ToyUNet", "text": "conv_in Skips It fails"}


def to_toy(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """A format that a test adds: the titles of tables, underlined."""
    return "".join(f"{table.title}\n{'=' * len(table.title)}\n" for table in tables)


TOY_FORMAT = Format("toy", to_toy, (".toy",), folds=True)


@pytest.fixture(params=[*FORMATS, "toy"])
def one(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Format:
    """Each format of the registry, and one that is added to it."""
    monkeypatch.setitem(FORMATS, "toy", TOY_FORMAT)
    return FORMATS[request.param]


@pytest.mark.parametrize("table", TABLES)
def test_a_format_writes_any_table_as_whole_lines(one: Format, table: str) -> None:
    text = one.write([TABLES[table]], RECORDS, 100)
    assert text.endswith("\n")
    assert text.strip()


def test_a_format_says_something_of_a_table_that_is_only_sentences(one: Format) -> None:
    assert "It fails" in one.write([TABLES["sentences"]], RECORDS, 100)


def test_a_format_writes_several_tables(one: Format) -> None:
    text = one.write([TABLES["stack"], TABLES["shapes"]], RECORDS, 100)
    assert text != one.write([TABLES["stack"]], RECORDS, 100) or one.name == "json"


def test_the_command_writes_a_format(one: Format, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(TABLES["stack"], RECORDS, Destination(one.name))
    assert capsys.readouterr().out == one.write([TABLES["stack"]], RECORDS, None)


def test_a_suffix_stands_for_its_format(one: Format, tmp_path: Path) -> None:
    for suffix in one.suffixes:
        path = tmp_path / f"table{suffix}"
        assert format_for(path) is one
        write_table(TABLES["stack"], RECORDS, Destination(path=path))
        assert path.read_text(encoding="utf-8") == one.write([TABLES["stack"]], RECORDS, 100)


def test_no_two_formats_have_the_same_suffix() -> None:
    suffixes = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    assert len(set(suffixes)) == len(suffixes)


def test_rows_fold_as_the_format_says(one: Format) -> None:
    view = RowOptions().selection(Destination(one.name))
    assert (view.fold, view.context) == (one.folds, not one.for_programs)


@pytest.mark.parametrize("command", ["show", "stack", "cost"])
def test_every_command_takes_every_format(command: str, tmp_path: Path) -> None:
    for one in FORMATS.values():
        path = tmp_path / f"{command}.{one.name}"
        words = [command, str(GOLDEN / "toy_unet.json"), "--format", one.name, "-o", str(path)]
        assert main(words) == 0
        assert path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("command", ["show", "sizes", "explain", "verify", "presets", "diff"])
def test_help_lists_the_formats(command: str) -> None:
    text = " ".join(CliRunner().invoke(unet_trace, [command, "--help"]).output.split())
    assert f"{', '.join(FORMATS)}; default: " in text


def test_the_list_imports_no_writer() -> None:
    ask = (
        "import sys, tracer.cli.output, tracer.render.formats.registry;"
        "print({'rich', 'msgspec', 'csv', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
