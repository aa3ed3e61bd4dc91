"""The command that finds the sizes at which a model runs."""

from __future__ import annotations

from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import runnable_session, running_model, status_of
from tracer.target_spec import TargetSpec


def run(target: TargetSpec, destination: Destination) -> int:
    """Find the sizes at which a model runs, and why.

    The model runs at many sizes, on tensors without data. Each rule comes
    with the skip or the operation that causes it, and is verified: sizes that
    follow it are run, and sizes that break it.

    \b
      unet-trace sizes ddpm-cifar10
      unet-trace sizes my_unet.py:UNet --input x=1x3x64x64 --dims x=B,3,H,W
    """
    import msgspec

    from tracer.render.tables.size_obstacles import size_rules_table

    session = runnable_session(target)
    if session.failure is not None:
        return status_of(session)
    with running_model(target.target, f"Running {target.target} at many sizes"):
        rules = session.size_rules()
    write_table(size_rules_table(rules), msgspec.to_builtins(rules), destination)
    return 0
