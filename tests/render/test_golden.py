"""Each table in each way of writing, beside its trace (golden/toy_unet.json)."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from tests.conftest import GOLDEN, Golden
from tests.example import symbolic_example
from tracer.render.block_columns import notes_of
from tracer.render.csv_text import to_csv
from tracer.render.grid import Table
from tracer.render.listing import View
from tracer.render.markdown import to_markdown
from tracer.render.plain import to_plain
from tracer.render.shapes import shape_table
from tracer.render.skips import skip_table
from tracer.render.stack import stack_table
from tracer.render.steps import step_table
from tracer.render.table import to_rich
from tracer.skip_links import skips
from tracer.stack_ledger import ledger
from tracer.store import load

TOY = load(GOLDEN / "toy_unet.json")


def terminal(width: int) -> Callable[[Table], str]:
    def write(table: Table) -> str:
        console = Console(file=StringIO(), width=width, color_system=None)
        with console.capture() as capture:
            console.print(to_rich(table, width))
        return capture.get()

    return write


TABLES = {
    "shapes": shape_table(TOY),
    "shapes_depth_1": shape_table(TOY, View(depth=1)),
    "shapes_symbolic": shape_table(symbolic_example()),
    "stack": stack_table(ledger(TOY)),
    "stack_symbolic": stack_table(ledger(symbolic_example()), notes_of(symbolic_example())),
    "skips": skip_table(skips(TOY)),
    "steps": step_table(TOY),
}
WRITERS = {
    "md": to_markdown,
    "csv": to_csv,
    "txt": to_plain,
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
