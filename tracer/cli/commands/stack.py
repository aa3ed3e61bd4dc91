"""The command that prints the skip stack."""

from __future__ import annotations

from tracer.cli.output import Destination, RowOptions, write_table
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.target_spec import TargetSpec


def run(target: TargetSpec, rows: RowOptions, destination: Destination) -> int:
    """Show the skip stack: each push and pop with its line.

    One row per tensor on the stack: its shape, the depth and the bytes of the
    stack after the push, the block and the line that pop it, and the channels
    that are joined. Skips that are not on a list are shown as well. --path shows
    only what these blocks push, pop or join.

    \b
      unet-trace stack ddpm-cifar10
      unet-trace stack trace.json --format markdown -o stack.md
    """
    from tracer.analysis.skip_stack import ledger
    from tracer.render.tables.block_columns import trace_notes
    from tracer.render.tables.skip_stack import entries_of, skip_stack_table

    session = traced_session(target)
    trace = shown_trace(session)
    found = ledger(trace)
    numbers = entries_of(found, trace, rows.paths)
    entries = [found.entries[number] for number in numbers]
    write_table(skip_stack_table(found, trace_notes(trace), numbers), entries, destination)
    return status_of(session)
