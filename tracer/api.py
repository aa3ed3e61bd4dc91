"""The two functions that most people need: a model and its inputs, in; its trace or graph, out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import fx, nn

from tracer.analysis.size_rules import SizeRules
from tracer.errors import TraceError
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.failure import note
from tracer.from_torch.capture.recording import Inputs, Recording, no_collection, record
from tracer.from_torch.runs.model_factory import ModelFactory, Setting
from tracer.from_torch.runs.model_runner import ModelRunner, to_traced_run
from tracer.from_torch.verify.graph_module import to_graph_module
from tracer.record import Trace
from tracer.sizing.axis_candidates import Dims, propose_axes
from tracer.sizing.explainer import explain_size
from tracer.sizing.explanation import Explanation
from tracer.sizing.locked_rules import locked_rules
from tracer.sizing.rule_search import find_size_rules
from tracer.sizing.symbolic_trace import symbolic_trace
from tracer.snapshot import LawSpec


def trace(  # noqa: PLR0913 - what a trace is made of, all but two by keyword
    model: nn.Module | Callable[..., nn.Module],
    inputs: Inputs,
    *,
    symbolic: bool = False,
    dims: Dims | None = None,
    vary: Mapping[str, Setting] | None = None,
    lines: bool = True,
    target: str = "",
) -> Trace:
    """Run `model` once on tensors without data, and return the record of what it did.

    `inputs` is a tensor (one positional argument), a tuple (positional arguments) or a dict
    (keywords, nested ones too); only the shape, dtype and device of its tensors are looked at, so
    they may be on ``meta``. ``lines=False`` leaves out the lines of the model's own source, and
    with them the observed stack, and is faster. ``symbolic=True`` gives sizes as formulas
    (``"H/4"``), each proved at other sizes; `dims` names the axes, ``{"x": ("B", 3, "H", "W")}``,
    where the usual names (B, and L, or H and W, or D, H and W) will not do. With `vary`, `model` is
    the class or the function that builds it from those keywords, ``{"ch": 64}``: it is also built
    with others, and channels are formulas of them (``"2*ch"``).

    An exception that the model raises reaches the caller as it is, with a note that says which
    block, which line and which operation raised it.
    """
    factory = ModelFactory.of_callable(model, vary) if vary else None
    with no_collection():
        recording = record(_built(model, factory), inputs, lines=lines)
        result = to_trace(recording, target)
    _raise_failure(recording, result)
    if not (symbolic or dims or vary):
        return result
    runner = ModelRunner.of_recording(recording, inputs, factory)
    with no_collection():
        return symbolic_trace(runner, result, propose_axes(runner.inputs, dims, runner.settings))


def _built(model: nn.Module | Callable[..., nn.Module], factory: ModelFactory | None) -> nn.Module:
    if factory is not None:
        return factory.model(factory.values)
    if not isinstance(model, nn.Module):
        who = getattr(model, "__name__", type(model).__name__)
        raise TraceError(
            f"{who} is no model: give a torch.nn.Module, or, to vary a number, `vary`."
        )
    return model


def sizes(model: nn.Module, inputs: Inputs, dims: Dims | None = None) -> SizeRules:
    """The size rules of a model that runs on `inputs`; see `tracer.trace` for these and `dims`.

    Raises TraceError for names that do not fit the inputs, and lets the exception of a model
    through that does not run on them.
    """
    runner, base = _runner(model, inputs)
    return find_size_rules(runner, base, propose_axes(runner.inputs, dims))


def explain(
    model: nn.Module, inputs: Inputs, dims: Dims | None = None, others: Sequence[Inputs] = ()
) -> Explanation:
    """Run a model on `inputs` and, where it fails, say why and which sizes are nearest that work.

    `dims` names axes, as for `tracer.trace`; `others` are inputs that may work. Raises TraceError
    for names that do not fit the inputs.
    """
    recording = record(model, inputs)
    runner = ModelRunner.of_recording(recording, inputs)
    known = [ModelRunner(model, one, uses_real_data=runner.uses_real_data) for one in others]
    return explain_size(
        runner,
        to_traced_run(recording),
        propose_axes(runner.inputs, dims),
        [(one, propose_axes(one.inputs, dims)[0]) for one in known],
    )


def rules_for_lock(
    model: nn.Module, inputs: Inputs, dims: Dims | None = None, locked: LawSpec | None = None
) -> LawSpec | None:
    """The size rules of a model as a lock file holds them; see `tracer.sizing.locked_rules`."""
    return locked_rules(*_runner(model, inputs), dims, locked)


def _runner(model: nn.Module, inputs: Inputs) -> tuple[ModelRunner, Trace]:
    """A runner of a model that works on `inputs`, and the trace of its first run."""
    recording = record(model, inputs)
    base = to_trace(recording)
    _raise_failure(recording, base)
    return ModelRunner.of_recording(recording, inputs), base


def graph(model: nn.Module, inputs: Inputs) -> fx.GraphModule:
    """Run `model` once on tensors without data, and return its operations as a graph that runs.

    The graph is called as the model is called, shares its parameters, and computes the same bits.
    Each node that is an operation carries what PyTorch's own tracers put in ``node.meta``.
    """
    recording = record(model, inputs, lines=False, graph=True)
    _raise_failure(recording, to_trace(recording))
    return to_graph_module(recording)


def _raise_failure(recording: Recording, partial: Trace) -> None:
    """Let the model's own exception through, as it is, with a note beside it."""
    if recording.failure is not None:
        text = note(recording.failure, partial)
        if text not in getattr(recording.failure.error, "__notes__", ()):
            recording.failure.error.add_note(text)
        raise recording.failure.error
