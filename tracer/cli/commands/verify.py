"""The command that proves a trace: the recorded graph against the model, on real numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_table
from tracer.cli.progress import progress
from tracer.cli.targets import TargetSpec, subject
from tracer.errors import TraceError
from tracer.render.formats.table import Table

if TYPE_CHECKING:
    from tracer.from_torch.verify.verdict import ReplayVerdict
    from tracer.record import Value


@click.command()
@options.target
@options.inputs
@options.settings
@options.table_format
@options.debug
def verify(target: str, inputs: dict[str, str], settings: dict[str, str], form: str | None) -> int:
    """Prove that the recorded graph computes what the model does.

    The model is given random weights and random inputs, and run beside its
    recorded graph: every output has to be equal to the last bit. Where it is
    not, the first operation that differs is shown, and the exit status is 1.
    Images are made smaller where a run would take long.

    \b
      unet-trace verify ddpm-cifar10
    """
    wish = TargetSpec(target, settings, inputs)
    if wish.saved:
        made_from = subject(wish).trace.target or "package.module:name"
        raise TraceError(
            f"{target} holds no weights and no code to run: verify the model itself, as "
            f"`unet-trace verify {made_from}`."
        )
    found = subject(wish)
    if found.trouble:
        return found.status()
    with progress(f"Running {target} and its graph"), redirect_stdout(sys.stderr):
        verdict = _verdict(wish, found.proposal)
    table = Table("", columns=(), summary=tuple(_sentences(verdict)))
    write_table(table, _record(verdict), Destination(form))
    return 0 if verdict.proven else 1


def _verdict(wish: TargetSpec, proposal: int) -> ReplayVerdict:
    """The verdict on a model that is built with numbers, and run on the inputs of that proposal."""
    from tracer.from_torch.capture.rng_state import same_randomness
    from tracer.from_torch.targets.load import Request, load_target
    from tracer.from_torch.targets.user_errors import described
    from tracer.from_torch.verify.verdict import verdict_in_place

    request = Request(wish.target, wish.settings, wish.inputs)
    with same_randomness():
        loaded = load_target(request, without_data=False)
    try:
        return verdict_in_place(loaded.model, loaded.proposals[proposal].inputs)
    except TraceError:
        raise
    except Exception as error:
        raise TraceError(
            f"{wish.target} runs on tensors without data, but fails on random numbers: "
            f"{described(error)}"
        ) from error


def _record(verdict: ReplayVerdict) -> dict[str, Any]:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(verdict)
    return {"proven": verdict.proven} | fields


def _sentences(verdict: ReplayVerdict) -> Iterator[str]:
    """The verdict, where it is bad the place to look at, and on what it rests."""
    from tracer.render.number_format import plural

    graph = f"The recorded graph of {verdict.model}, {plural(verdict.operations, 'operation')},"
    if verdict.proven:
        yield f"{graph}\ncomputes what the model computes, bit for bit."
    elif verdict.same:
        yield f"{graph}\ngives what the model gives, but that proves nothing: {_why(verdict)}."
    else:
        yield f"{graph}\ndoes not compute what the model computes."
        yield from _difference(verdict)
    yield from _listed("inputs", verdict.inputs)
    yield from _listed("outputs", verdict.outputs)
    yield f"  spread   {verdict.spread:.3g}, of random weights and random inputs"
    if verdict.smaller:
        yield "  The images were made smaller than asked for, so that this takes seconds."


def _why(verdict: ReplayVerdict) -> str:
    """Why equal bits are no proof."""
    if not verdict.outputs:
        return "it puts out no tensor"
    return "one output is the same number throughout, or not finite"


def _difference(verdict: ReplayVerdict) -> Iterator[str]:
    found = verdict.difference
    if found is None:
        yield "Each operation gives the same in both; what is returned of them differs."
        return
    place = f" at {found.file}:{found.line}" if found.file else ""
    block = f"block {found.block}" if found.block else "the model itself"
    yield f"It differs first in {found.op}, operation {found.step}, in {block}{place}:"
    yield f"{found.how}."


def _listed(title: str, values: tuple[Value, ...]) -> Iterator[str]:
    """Values below each other, beside a title."""
    from tracer.render.number_format import shape_of

    for number, value in enumerate(values):
        label = "" if number else title
        yield f"  {label:7}  {value.name} {shape_of(value)} {value.dtype}"
