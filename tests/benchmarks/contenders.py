"""What is timed on a model: this tracer, a bare forward, and the peers, each at its best setting.

The best setting is the one that the peer's own documentation names for a model without weights,
with everything left out that costs time and is not asked for here (pictures, texts, payloads).
`says` holds what the result records; see `ASPECTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

import tracer
from tests.benchmarks.subjects import Subject

ASPECTS = ("operations", "functional", "blocks", "skips", "shapes", "lines", "flops")
"""Single operations; those outside of modules; calls of modules; which edges are skips; the shapes
of all that goes in and out; the line of source of each; floating-point operations."""

YES, NO = "yes", "no"
GRAPH = {"operations": YES, "functional": YES, "shapes": YES}


def _nothing() -> None:
    """Nothing to be done outside of the clock."""


@dataclass(frozen=True)
class Contender:
    """One way to look at a model.

    `package` is the one to install, `setting` the call that is timed. `ready` and `done` are run
    before and after it, outside of the clock.
    """

    name: str
    package: str
    setting: str
    run: Callable[[Subject], object]
    says: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], object] = _nothing
    done: Callable[[], object] = _nothing


def _torchinfo(one: Subject) -> object:
    from torchinfo import summary

    return summary(one.model, input_data=one.inputs, device="meta", depth=99, verbose=0)


def _torchview(one: Subject) -> object:
    from torchview import draw_graph

    return draw_graph(one.model, input_data=one.inputs, device="meta", depth=99)


def _torchlens(one: Subject) -> object:
    import torchlens
    from torchlens.options import CaptureOptions

    options = CaptureOptions(
        structure_only=True,
        layers_to_save=None,
        inference_only=True,
        recurrence_detection=False,
        compute_input_output_distances=False,
    )
    return torchlens.trace(one.model, input_kwargs=dict(one.inputs), capture=options)


def _wrap() -> None:
    """TorchLens wraps the functions of torch once for a process; nobody else is to pay for it."""
    from torchlens.backends.torch.wrappers import wrap_torch

    wrap_torch()


def _unwrap() -> None:
    from torchlens.backends.torch.wrappers import unwrap_torch

    unwrap_torch()


def _flop_counter(one: Subject) -> object:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        one.forward()
    return counter


def _shape_prop(one: Subject) -> object:
    from inspect import Parameter, signature

    from torch.fx.passes.shape_prop import ShapeProp

    known = signature(one.model.forward).parameters.values()
    fixed = {
        parameter.name: parameter.default
        for parameter in known
        if parameter.default is not Parameter.empty and parameter.name not in one.inputs
    }
    graph = torch.fx.symbolic_trace(one.model, concrete_args=fixed)
    with torch.no_grad():
        ShapeProp(graph).propagate(*one.inputs.values())
    return graph


def _export(one: Subject) -> object:
    with torch.no_grad():
        return torch.export.export(one.model, (), one.inputs, strict=False)


def _make_fx(one: Subject) -> object:
    from torch.fx.experimental.proxy_tensor import make_fx

    with torch.no_grad():
        return make_fx(lambda inputs: one.model(**inputs))(one.inputs)


_remembered: list[dict[str, Any]] = []


def _forget() -> None:
    """Set aside what the tracer remembers of torch and of blocks, so that nothing is known."""
    known = _memories()
    _remembered[:] = [vars(one).copy() for one in known]
    for one in known:
        vars(one).update(vars(type(one)()))


def _remember() -> None:
    for one, before in zip(_memories(), _remembered, strict=True):
        vars(one).update(before)


def _memories() -> tuple[Any, ...]:
    from tracer.from_torch.capture.memo.block_memo import BlockMemo
    from tracer.from_torch.capture.results.op_cache import OP_CACHE

    return OP_CACHE, BlockMemo._known


OURS = GRAPH | {"blocks": YES, "skips": YES, "lines": NO, "flops": YES}

CONTENDERS = (
    Contender("bare forward", "torch", "model(**inputs)", Subject.forward),
    Contender(
        "tracer.trace, lines=False",
        "unet-trace",
        "tracer.trace(model, inputs, lines=False)",
        lambda one: tracer.trace(one.model, one.inputs, lines=False),
        OURS,
    ),
    Contender(
        "the same, nothing remembered",
        "unet-trace",
        "tracer.trace(model, inputs, lines=False)",
        lambda one: tracer.trace(one.model, one.inputs, lines=False),
        OURS,
        ready=_forget,
        done=_remember,
    ),
    Contender(
        "tracer.trace",
        "unet-trace",
        "tracer.trace(model, inputs)",
        lambda one: tracer.trace(one.model, one.inputs),
        OURS | {"lines": YES},
    ),
    Contender(
        "tracer.trace, symbolic=True",
        "unet-trace",
        "tracer.trace(model, inputs, symbolic=True)",
        lambda one: tracer.trace(one.model, one.inputs, symbolic=True),
        OURS | {"lines": YES, "shapes": "formulas"},
    ),
    Contender(
        "torchinfo",
        "torchinfo",
        'summary(model, input_data=inputs, device="meta", depth=99, verbose=0)',
        _torchinfo,
        {"blocks": YES, "shapes": "first tensor", "flops": "layers"},
    ),
    Contender(
        "torchview",
        "torchview",
        'draw_graph(model, input_data=inputs, device="meta", depth=99)',
        _torchview,
        GRAPH | {"blocks": YES},
    ),
    Contender(
        "torchlens",
        "torchlens",
        "trace(model, input_kwargs=inputs, capture=CaptureOptions(structure_only=True, "
        "layers_to_save=None, inference_only=True, recurrence_detection=False, "
        "compute_input_output_distances=False))",
        _torchlens,
        GRAPH | {"blocks": YES, "lines": YES, "flops": YES},
        ready=_wrap,
        done=_unwrap,
    ),
    Contender(
        "FlopCounterMode",
        "torch",
        "with FlopCounterMode(display=False): model(**inputs)",
        _flop_counter,
        {"operations": "sums", "functional": "sums", "blocks": "paths", "flops": YES},
    ),
    Contender(
        "fx.symbolic_trace + ShapeProp",
        "torch",
        "ShapeProp(symbolic_trace(model, concrete_args=defaults)).propagate(*inputs)",
        _shape_prop,
        GRAPH | {"blocks": "innermost"},
    ),
    Contender(
        "make_fx",
        "torch",
        "make_fx(model)(inputs)",
        _make_fx,
        GRAPH,
    ),
    Contender(
        "torch.export",
        "torch",
        "torch.export.export(model, (), inputs, strict=False)",
        _export,
        GRAPH | {"blocks": "paths", "lines": YES},
    ),
)
NAMED = {one.name: one for one in CONTENDERS}
YARDSTICK = CONTENDERS[0].name
