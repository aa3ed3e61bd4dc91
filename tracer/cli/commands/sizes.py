"""The commands about sizes: which ones a model runs at, and why it does not at another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_table
from tracer.cli.progress import progress
from tracer.cli.symbolic_options import Dims, dims
from tracer.cli.targets import TargetSpec, subject
from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.analysis.size_rules import SizeRules
    from tracer.sizing.explanation import Explanation

FAILS = 1
"""The exit status where a size fails."""


@click.command()
@options.target
@options.inputs
@options.settings
@dims
@options.table_format
@options.output
@options.debug
def sizes(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    dims: Dims,
    form: str | None,
    output: Path | None,
) -> int:
    """Tell at which sizes a model runs, and why.

    The model is run at many sizes, on tensors without data. Each rule comes
    with the skip or the operation that it comes from, and is verified: sizes
    that obey it are run, and sizes that break it.

    \b
      unet-trace sizes ddpm-cifar10
      unet-trace sizes my_unet.py:UNet --input x=1x3x64x64 --dims x=B,3,H,W
    """
    from tracer.render.tables.size_obstacles import size_rules_table

    wish = _to_run(TargetSpec(target, settings, inputs))
    found = subject(wish, lines=False)
    if found.trouble:
        return found.status()
    with progress(f"Running {target} at many sizes"), redirect_stdout(sys.stderr):
        law = _law(wish, found.proposal, dims)
    write_table(size_rules_table(law), _record(law), Destination(form, output))
    return 0


def _law(wish: TargetSpec, proposal: int, dims: Dims) -> SizeRules:
    from tracer.from_torch.targets.load import Request, load_target
    from tracer.sizing.rule_search import sizes

    loaded = load_target(Request(wish.target, wish.settings, wish.inputs))
    law = sizes(loaded.model, loaded.proposals[proposal].inputs, dims)
    return replace(law, target=wish.words)


@click.command()
@options.target
@options.inputs
@options.settings
@dims
@options.table_format
@options.output
@options.debug
def explain(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    dims: Dims,
    form: str | None,
    output: Path | None,
) -> int:
    """Tell why a model fails at a size, and which sizes would work.

    Names the skip that did not fit, where it was pushed and popped, where the
    sizes parted, the nearest sizes that work, and the padding that would do.
    The exit status is 0 where the model works, and 1 where it fails.

    \b
      unet-trace explain ddpm-celebahq-256 --input x=1x3x250x250
    """
    from tracer.render.tables.failing_size import failing_size_table

    wish = _to_run(TargetSpec(target, settings, inputs))
    with progress(f"Running {target}"), redirect_stdout(sys.stderr):
        found = _explained(wish, dims)
    write_table(failing_size_table(found), _record(found), Destination(form, output))
    return 0 if found.works else FAILS


def _explained(wish: TargetSpec, dims: Dims) -> Explanation:
    from tracer.from_torch.targets.load import Request, load_target, record_target
    from tracer.sizing.explainer import explain

    loaded = load_target(Request(wish.target, wish.settings, wish.inputs))
    _, number = record_target(loaded, lines=False)
    inputs = loaded.proposals[number].inputs
    found = explain(loaded.model, inputs, dims, list(_others(wish)))
    return replace(found, target=TargetSpec(wish.target, wish.settings).words)


def _others(wish: TargetSpec) -> Iterator[Any]:
    """Inputs that are likely to work, if other ones were asked for, and if the model tells any."""
    from tracer.from_torch.targets.load import Request, load_target

    if wish.inputs:
        with suppress(TraceError):
            loaded = load_target(Request(wish.target, wish.settings))
            yield from (one.inputs for one in loaded.proposals)


def _to_run(wish: TargetSpec) -> TargetSpec:
    """The wish, if there is a model to run."""
    if wish.saved:
        raise TraceError(
            f"{wish.target} is a saved trace, and the model has to be run at other sizes: name the "
            "model itself, as package.module:name."
        )
    return wish


def _record(found: Any) -> dict[str, Any]:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(found)
    return fields
