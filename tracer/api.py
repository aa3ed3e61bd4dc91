"""The main functions: trace, graph, size rules and explanation of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import require_file
from tracer.session import Session

if TYPE_CHECKING:
    from torch import fx, nn

    from tracer.analysis.replay_verdict import ReplayVerdict
    from tracer.analysis.size_rules import SizeRules
    from tracer.annotation.annotated_file import AnnotatedFile
    from tracer.from_torch.capture.model_call import Inputs
    from tracer.from_torch.runs.model_factory import Setting
    from tracer.record import Trace
    from tracer.sizing.explanation import Explanation
    from tracer.snapshot.diff.state_dict_comparison import StateDictComparison
    from tracer.target_spec import Dims


def trace(  # noqa: PLR0913 - what a trace is made of, all but two by keyword
    model: nn.Module | Callable[..., nn.Module],
    inputs: Inputs | None = None,
    *,
    symbolic: bool = False,
    dims: Dims | None = None,
    vary: Mapping[str, Setting] | None = None,
    lines: bool = True,
    target: str = "",
) -> Trace:
    """Run `model` once on tensors without data, and return the record of what it did.

    Args:
        model: A model or, with `vary`, the class or the function that builds it.
        inputs: A tensor (one positional argument), a tuple (positional arguments) or a dict
            (keywords, nested ones too). Only the shape, dtype and device of its tensors are used;
            a shape, ``(1, 3, 64, 64)``, stands for a tensor. Required inputs that are missing are
            proposed, and `Trace.notes` say what was assumed; optional ones stay out, as in a call.
        symbolic: Whether sizes are formulas (``"H/4"``), each proved at other sizes.
        dims: Names for axes, ``{"x": ("B", 3, "H", "W")}``, where the usual ones (B, and L, or H
            and W, or D, H and W) do not fit.
        vary: Keywords to build the model with, ``{"ch": 64}``. It is also built with others, and
            channels are formulas of them (``"2*ch"``).
        lines: Whether the lines of the model's own source are recorded, and with them the observed
            stack. Without them tracing is faster.
        target: What the trace says that it was made from.

    Returns:
        The trace, which holds no tensors and needs no torch.

    Raises:
        TraceError: `model`, `inputs` or `dims` cannot be used, or inputs cannot be inferred.
        Exception: The model's own, with a note that says where it arose.

    >>> import torch
    >>> import tracer
    >>> net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, stride=2, padding=1), torch.nn.ReLU())
    >>> result = tracer.trace(net, torch.zeros(1, 3, 32, 32))
    >>> [(step.op, step.outputs[0].shape) for step in result.steps]
    [('conv2d', (1, 8, 16, 16)), ('relu', (1, 8, 16, 16))]
    >>> tracer.trace(net, (2, 3, 64, 64)).outputs[0].shape
    (2, 8, 32, 32)
    """
    session = Session.of(model, inputs, vary=vary, lines=lines, target=target)
    return session.symbolic(dims) if symbolic or dims or vary else session.trace


def graph(model: nn.Module, inputs: Inputs | None = None) -> fx.GraphModule:
    """Run `model` once on tensors without data, and return its operations as a graph that runs.

    The graph is called as the model is called, shares its parameters, and computes the same bits.
    Each node that is an operation carries what PyTorch's own tracers put in ``node.meta``. Its
    ``meta["assumed"]`` says what was assumed for inputs that were not given.

    >>> import torch
    >>> import tracer
    >>> net = torch.nn.Linear(4, 2)
    >>> x = torch.ones(1, 4)
    >>> bool(torch.equal(tracer.graph(net, x)(x), net(x)))
    True
    """
    return Session.of(model, inputs, lines=False).graph()


def size_rules(
    model: nn.Module, inputs: Inputs | None = None, dims: Dims | None = None
) -> SizeRules:
    """Return at which sizes a model runs: found by running it without data, and verified.

    Args:
        model: The model.
        inputs: Inputs that it runs on, or None; see `tracer.trace`. The notes of the rules say
            what was assumed.
        dims: Names for the axes of inputs; see `tracer.trace`.

    Raises:
        TraceError: `dims` do not fit the inputs.

    The exception of a model that does not run on `inputs` reaches the caller with a note.

    >>> import torch
    >>> import tracer
    >>> rules = tracer.size_rules(torch.nn.PixelUnshuffle(4), torch.zeros(1, 3, 32, 32))
    >>> rules.allows({"H": 36, "W": 40}), rules.allows({"H": 38, "W": 40})
    (True, False)
    """
    return Session.of(model, inputs).size_rules(dims)


sizes = size_rules
"""The earlier name of `size_rules`."""


def verify(model: nn.Module, inputs: Inputs | None = None) -> ReplayVerdict:
    """Return whether the recorded graph computes what the model computes, bit for bit.

    A copy of the model and its graph run on random weights and inputs.

    Args:
        model: The model, which stays unchanged.
        inputs: Inputs that it runs on, or None; see `tracer.trace`.

    Raises:
        TraceError: The model runs operations that cannot be recorded.
        Exception: The model's own.

    >>> import torch
    >>> import tracer
    >>> tracer.verify(torch.nn.Conv2d(3, 8, 3), (1, 3, 16, 16)).proven
    True
    """
    return Session.of(model, inputs, lines=False).verify()


def checkpoint(
    model: nn.Module, path: str | Path, *, prefix: str = "", within: str | None = None
) -> StateDictComparison:
    """Return which keys of a checkpoint do not fit a model. Only shapes are read, and no code run.

    Args:
        model: The model, which stays unchanged.
        path: A ``.safetensors`` file, an ``.index.json``, or what `torch.save` wrote.
        prefix: Only keys with this prefix are compared, without it.
        within: The dict to read, if the file holds several.

    Raises:
        TraceError: There is no such file, it is no checkpoint, or `model` is no model.

    >>> import tempfile, torch, tracer
    >>> path = Path(tempfile.mkdtemp(), "net.pt")
    >>> torch.save(torch.nn.Linear(4, 3).state_dict(), path)
    >>> tracer.checkpoint(torch.nn.Linear(4, 3), path).fits
    True
    >>> [one.key for one in tracer.checkpoint(torch.nn.Linear(5, 3), path).problems]
    ['weight']
    """
    from tracer.from_torch.checkpoints.key_comparison import compare_checkpoint
    from tracer.from_torch.runs.model_factory import require_model

    require_file(Path(path))
    return compare_checkpoint(require_model(model), Path(path), prefix, within)


def explain(
    model: nn.Module,
    inputs: Inputs | None = None,
    dims: Dims | None = None,
    others: Sequence[Inputs] = (),
) -> Explanation:
    """Run a model and, where it fails, return why, and which sizes nearest to these work.

    Args:
        model: The model.
        inputs: Inputs that it may fail on, or None; see `tracer.trace`.
        dims: Names for the axes of inputs; see `tracer.trace`.
        others: Further inputs that may work.

    Raises:
        TraceError: `dims` do not fit the inputs.

    >>> import torch
    >>> import tracer
    >>> found = tracer.explain(torch.nn.PixelUnshuffle(4), torch.zeros(1, 3, 30, 32))
    >>> [(advice.name, advice.below, advice.above) for advice in found.advice]
    [('H', 28, 32)]
    """
    return Session.of(model, inputs).explain(dims, others)


def annotate(
    model: nn.Module,
    inputs: Inputs | None = None,
    *,
    call: str | None = None,
    symbolic: bool = False,
    dims: Dims | None = None,
) -> list[AnnotatedFile]:
    """Return the source files of a model, with the shapes that each statement makes as comments.

    Args:
        model: A model.
        inputs: Inputs that it runs on, or None; see `trace`.
        call: The call of a block whose shapes are wanted (``"down.0.block.1"``); by default those
            that all calls have in common, with `?` for a size that differs.
        symbolic: Whether sizes are formulas, as for `trace`.
        dims: Names for axes, as for `trace`.

    Returns:
        The files. The text of one is its functions with comments; `with_comments` is the whole
        file, and `false_comments` yields the comments in it that are not true.

    Raises:
        KeyError: There is no such call.

    PyTorch's own files are not the model's:

    >>> import torch
    >>> annotate(torch.nn.Conv2d(3, 8, 3), torch.zeros(1, 3, 8, 8))
    []
    """
    from tracer.annotation.annotated_file import annotated_files

    found = trace(model, inputs, symbolic=symbolic, dims=dims)
    if call is not None:
        found.blocks[call]
    return annotated_files(found, call)
