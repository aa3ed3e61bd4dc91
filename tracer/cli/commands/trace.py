"""The commands that write traces, and what a written one looks like."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tracer.cli import options
from tracer.cli.output import write_bytes, write_text
from tracer.cli.stderr import tell
from tracer.cli.symbolic_options import SymbolicRequest, formulas
from tracer.cli.targets import TargetSpec, subject


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.output
@options.debug
def trace(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    output: Path | None,
) -> int:
    """Write a trace as JSON, to be shown later without torch.

    Where the model fails, the trace up to there is written, and says so.

    \b
      unet-trace trace ddpm-cifar10 -o trace.json
      unet-trace show trace.json
    """
    from tracer.render.number_format import plural
    from tracer.store import to_json

    found = subject(TargetSpec(target, settings, inputs, formulas))
    write_bytes(to_json(found.trace), output)
    if output is not None:
        blocks, steps = len(found.trace.blocks), len(found.trace.steps)
        tell(f"Wrote {output}: {plural(blocks, 'block')}, {plural(steps, 'operation')}.")
    return found.status()


@click.command()
@options.output
@options.debug
def schema(output: Path | None) -> int:
    """Write the JSON Schema of a saved trace."""
    from tracer.store import schema as schema_of_traces

    write_text(json.dumps(schema_of_traces(), indent=2) + "\n", output)
    return 0
