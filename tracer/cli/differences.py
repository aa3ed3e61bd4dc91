"""The command that compares two models."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import options
from tracer.cli.blueprint_subjects import traced_or_locked
from tracer.cli.output import Place, write_table
from tracer.cli.subjects import Wish


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@options.inputs_of("A")
@options.inputs_of("B")
@options.settings_of("A")
@options.settings_of("B")
@options.every
@options.table_format
@options.output
@options.debug
def diff(
    before: str,
    after: str,
    input_a: dict[str, str],
    input_b: dict[str, str],
    set_a: dict[str, str],
    set_b: dict[str, str],
    every: bool,
    form: str | None,
    output: Path | None,
) -> int:
    """Compare two models: blocks, shapes, costs, skips, joins.

    A and B are targets, saved traces or lock files. Blocks of other names are
    matched by their structure. Shown is what the differences begin with; what
    only follows from that is listed with --all. The exit status is 1 where
    anything differs.

    \b
      unet-trace diff mine.py:net ddpm-cifar10
      unet-trace diff tiny tiny --set-b ch=64
      unet-trace diff before.json after.json --format markdown
    """
    from tracer.comparison import compare
    from tracer.render.differences import Names, difference_records, difference_table

    one = traced_or_locked(Wish(before, set_a, input_a))
    other = traced_or_locked(Wish(after, set_b, input_b)) if one else None
    if one is None or other is None:
        return 2
    found = compare(one, other)
    names = Names("A", "B", f"A: {before}\nB: {after}")
    write_table(
        difference_table(found, names, every=every), difference_records(found), Place(form, output)
    )
    return 0 if found.same else 1
