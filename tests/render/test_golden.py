"""Each table in each way of writing, beside its trace (golden/toy_unet.json)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import GOLDEN, Golden
from tests.example import symbolic_example
from tracer.analysis.skip_stack import ledger
from tracer.render.formats.registry import FORMATS
from tracer.render.formats.table import Table
from tracer.render.tables.block_columns import trace_notes
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.operation_rows import step_table
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.tables.visible_rows import RowSelection
from tracer.store import load

TOY = load(GOLDEN / "toy_unet.json")


def terminal(width: int) -> Callable[[Table], str]:
    return lambda table: FORMATS["rich"].write([table], [], width)


def text_of(name: str) -> Callable[[Table], str]:
    return lambda table: FORMATS[name].write([table], [], None)


TABLES = {
    "shapes": shape_table(TOY),
    "shapes_depth_1": shape_table(TOY, RowSelection(depth=1)),
    "shapes_symbolic": shape_table(symbolic_example()),
    "stack": skip_stack_table(ledger(TOY), trace_notes(TOY)),
    "stack_symbolic": skip_stack_table(ledger(symbolic_example()), trace_notes(symbolic_example())),
    "steps": step_table(TOY),
}
WRITERS = {
    "md": text_of("markdown"),
    "csv": text_of("csv"),
    "txt": text_of("plain"),
    "60.txt": terminal(60),
    "80.txt": terminal(80),
    "100.txt": terminal(100),
}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_written_as_before(table: str, ending: str, golden: Golden) -> None:
    golden(f"toy_unet.{table}.{ending}", WRITERS[ending](TABLES[table]))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_wider_than_the_terminal(table: str, width: int) -> None:
    lines = terminal(width)(TABLES[table]).splitlines()
    assert max(map(len, lines)) <= width
