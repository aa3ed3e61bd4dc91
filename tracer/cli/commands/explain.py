"""The command that explains why a model fails at a size."""

from __future__ import annotations

from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import runnable_session, running_model
from tracer.target_spec import TargetSpec

FAILS = 1
"""The exit status where a size fails."""


def run(target: TargetSpec, destination: Destination) -> int:
    """Explain why a model fails at a size, and which sizes work.

    Names the skip that does not fit, where it is pushed and popped, where the
    sizes diverge, the nearest sizes that work, and the padding for them. The
    exit status is 0 if the model works, and 1 if it fails.

    \b
      unet-trace explain ddpm-celebahq-256 --input x=1x3x250x250
    """
    import msgspec

    from tracer.render.tables.failing_size import failing_size_table

    session = runnable_session(target)
    with running_model(target.target, f"Running {target.target} at other sizes"):
        found = session.explain()
    write_table(failing_size_table(found), msgspec.to_builtins(found), destination)
    return 0 if found.works else FAILS
