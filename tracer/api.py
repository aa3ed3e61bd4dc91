"""The two functions that most people need: a model and its inputs, in; its trace or graph, out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import fx, nn

from tracer.errors import TraceError
from tracer.from_torch.capture.convert import to_graph_module, to_trace
from tracer.from_torch.capture.failure import failure_note
from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.runs.axis_names import Dims
from tracer.from_torch.runs.model_factory import ModelFactory, Setting
from tracer.record import Trace
from tracer.sizing.symbolic_trace import Naming, to_symbolic


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
    varied = ModelFactory.of_callable(model, vary) if vary else None
    recording = record(_built(model, varied), inputs, lines=lines)
    result = to_trace(recording, target)
    _raise_failure(recording, result)
    if not (symbolic or dims or vary):
        return result
    return to_symbolic(recording, inputs, result, Naming(dims, varied))


def _built(model: nn.Module | Callable[..., nn.Module], varied: ModelFactory | None) -> nn.Module:
    if varied is not None:
        return varied.model(varied.values)
    if not isinstance(model, nn.Module):
        who = getattr(model, "__name__", type(model).__name__)
        raise TraceError(
            f"{who} is no model: give a torch.nn.Module, or, to vary a number, `vary`."
        )
    return model


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
        text = failure_note(recording.failure, partial)
        if text not in getattr(recording.failure.error, "__notes__", ()):
            recording.failure.error.add_note(text)
        raise recording.failure.error
