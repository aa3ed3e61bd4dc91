"""The command that proves a trace: the recorded graph against the model, on real numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import running_model, status_of, traced_session
from tracer.errors import TraceError
from tracer.render.formats.table import Table
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.from_torch.verify.bisect import OperationDifference
    from tracer.from_torch.verify.verdict import ReplayVerdict
    from tracer.record import Value
    from tracer.session import Session


def run(target: TargetSpec, destination: Destination) -> int:
    """Check that the recorded graph computes what the model does.

    The model and its recorded graph run on the same random weights and inputs,
    and every output must be equal bit for bit. If one is not, the first operation
    that differs is shown, and the exit status is 1. A model that reads the values
    of tensors must also match its graph on other numbers. Large images are
    reduced to keep the run short.

    \b
      unet-trace verify ddpm-cifar10
    """
    session = traced_session(target)
    if target.is_saved_trace:
        made_from = session.trace.target or "package.module:name"
        raise TraceError(
            f"{target} holds no weights and no code to run: verify the model itself, as "
            f"`unet-trace verify {made_from}`."
        )
    if session.failure is not None:
        return status_of(session)
    with running_model(target.target, f"Running {target.target} and its graph"):
        verdict = _verdict(session)
    table = Table("", columns=(), summary=tuple(_sentences(verdict)))
    write_table(table, _record(verdict), destination)
    return 0 if verdict.proven else 1


def _verdict(session: Session) -> ReplayVerdict:
    from tracer.from_torch.targets.user_errors import describe_error

    try:
        return session.verify()
    except TraceError:
        raise
    except Exception as error:
        raise TraceError(
            f"{session.spec.target} runs on tensors without data, but fails on random numbers: "
            f"{describe_error(error)}"
        ) from error


def _record(verdict: ReplayVerdict) -> dict[str, Any]:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(verdict)
    return {"proven": verdict.proven} | fields


def _sentences(verdict: ReplayVerdict) -> Iterator[str]:
    """The verdict, where it is bad the operation to look at, and what it is based on."""
    from tracer.render.number_format import plural

    graph = f"The recorded graph of {verdict.model}, {plural(verdict.operations, 'operation')},"
    if verdict.proven:
        yield f"{graph}\ncomputes what the model computes, bit for bit."
    elif verdict.other_numbers is not None:
        yield f"{graph}\nholds only for the numbers of this run."
        yield from _place(verdict.other_numbers)
    elif verdict.same:
        yield f"{graph}\nmatches the model, but the match is not conclusive: {_why(verdict)}."
    else:
        yield f"{graph}\ndoes not compute what the model computes."
        yield from _difference(verdict)
    yield from _listed("inputs", verdict.inputs)
    yield from _listed("outputs", verdict.outputs)
    yield f"  spread   {verdict.spread:.3g} (smallest standard deviation of an output)"
    if verdict.number_sets > 1 and verdict.proven:
        yield f"  numbers  {verdict.number_sets} sets, and the graph is the model for all of them"
    if verdict.smaller:
        yield "  The images were reduced to keep the run short."


def _why(verdict: ReplayVerdict) -> str:
    """Why equal bits are not conclusive."""
    if not verdict.outputs:
        return "it returns no tensor"
    return "one output is the same number throughout, or not finite"


def _difference(verdict: ReplayVerdict) -> Iterator[str]:
    found = verdict.difference
    if found is None:
        yield "All operations match, but the returned values differ."
        return
    yield from _place(found)


def _place(found: OperationDifference) -> Iterator[str]:
    """The operation that differs, if it is one, and how."""
    if not found.op:
        yield f"{found.how[:1].upper()}{found.how[1:]}."
        return
    place = f" at {found.file}:{found.line}" if found.file else ""
    block = f"block {found.block}" if found.block else "the model itself"
    yield f"The first difference is in {found.op}, operation {found.step}, in {block}{place}:"
    yield f"{found.how}."


def _listed(title: str, values: tuple[Value, ...]) -> Iterator[str]:
    """Values below each other, beside a title."""
    from tracer.render.number_format import shape_of

    for number, value in enumerate(values):
        label = "" if number else title
        yield f"  {label:7}  {value.name} {shape_of(value)} {value.dtype}"
