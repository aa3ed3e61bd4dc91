"""What plain torch.fx sees of the reference model, beside the graph that the tracer records.

The page of the site is generated from what `record` returns.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp

import reference_model
import tracer

CHANNELS = 32, 64
INPUTS = torch.zeros(1, CHANNELS[0], 16, 16), torch.zeros(1, 128)


class RankCheck(nn.Module):
    def forward(self, x, t):
        assert len(t.shape) == 1
        return x + t[:, None, None, None]


class ScaleByChannels(nn.Module):
    def forward(self, q):
        c = q.shape[1]
        return q * (int(c) ** (-0.5))


class SizeCheck(nn.Module):
    def forward(self, x):
        if x.shape[-1] % 2:
            x = nn.functional.pad(x, (0, 1))
        return x


class TensorOrDict(nn.Module):
    def forward(self, x):
        return x * 2 if isinstance(x, torch.Tensor) else x["sample"] * 2


STOPS: tuple[type[nn.Module], ...] = (RankCheck, ScaleByChannels, SizeCheck, TensorOrDict)


def record() -> dict[str, Any]:
    """Return both graphs of one block, counts of both, and what stops symbolic_trace."""
    block = reference_model.ResnetBlock(
        in_channels=CHANNELS[0], out_channels=CHANNELS[1], dropout=0.1, temb_channels=128
    ).eval()
    traced = fx.symbolic_trace(block)
    ShapeProp(traced).propagate(*INPUTS)
    model, inputs = reference_model.example(**reference_model.PRESETS["tiny"].keywords())
    return {
        "torch": str(torch.__version__),
        "symbolic": [_node(one) for one in traced.graph.nodes],
        "recorded": [_node(one) for one in tracer.graph(block, INPUTS).graph.nodes],
        "nodes": len(fx.symbolic_trace(model).graph.nodes),
        "operations": len(tracer.trace(model.eval(), inputs).steps),
        "stops": [_stop(kind) for kind in STOPS],
    }


def _node(node: fx.Node) -> dict[str, str]:
    """What a node is, what it calls, and the shape that its metadata has."""
    target = node.target if isinstance(node.target, str) else node.target.__name__
    found = node.meta.get("tensor_meta", node.meta.get("val"))
    shape = "×".join(map(str, found.shape)) if hasattr(found, "shape") else ""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    module = str(node.target) if node.op == "call_module" else stack[-1][0] if stack else ""
    target = target.strip("_") if node.op == "call_function" else target
    return {"op": node.op, "target": target, "module": module, "shape": shape}


def _stop(kind: type[nn.Module]) -> dict[str, str]:
    """The code of a small module, and what symbolic_trace raises or returns for it."""
    code = dedent(inspect.getsource(kind))
    error = _message(lambda: fx.symbolic_trace(kind()))
    made = "" if error else fx.symbolic_trace(kind()).code.strip()
    return {"name": kind.__name__, "code": code.strip(), "error": error, "made": made}


def _message(run: Callable[[], object]) -> str:
    try:
        run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
