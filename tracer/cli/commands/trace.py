"""The command that writes a trace."""

from __future__ import annotations

from tracer.cli.output import Destination, write_bytes
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.target_spec import TargetSpec


def run(target: TargetSpec, destination: Destination) -> int:
    """Write a trace as JSON, to show it later without torch.

    If the model fails, the partial trace is written, with a note. A file whose name ends
    in .json.gz is compressed, to a tenth or less.

    \b
      unet-trace trace ddpm-cifar10 -o trace.json
      unet-trace show trace.json
    """
    from tracer.render.number_format import plural
    from tracer.store import to_file_content

    session = traced_session(target)
    trace = shown_trace(session)
    counts = plural(len(trace.blocks), "block"), plural(len(trace.steps), "operation")
    write_bytes(to_file_content(trace, destination.path), destination.path, ", ".join(counts))
    return status_of(session)
