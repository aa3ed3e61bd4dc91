"""The switches of torch that a model may set while it runs, as nodes of the graph that set them.

Autocast decides dtypes, and gradients decide whether a model may ask for one. A graph has no
``with``, so a node stands where a switch was found changed, and another where it was set back.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import fx
from torch.amp.autocast_mode import _enter_autocast, _exit_autocast

Autocast = tuple[torch.dtype | None, torch.dtype | None]
"""The dtype of autocast on the CPU and on CUDA, None where it is off."""


def autocast() -> Autocast:
    """Which autocast is on now."""
    cpu, cuda = torch.is_autocast_enabled("cpu"), torch.is_autocast_enabled("cuda")
    return (
        torch.get_autocast_dtype("cpu") if cpu else None,
        torch.get_autocast_dtype("cuda") if cuda else None,
    )


class GlobalModes:
    """What the switches were set to by the last node of a graph."""

    def __init__(self, graph: fx.Graph) -> None:
        self._graph = graph
        self._outside = self._autocast = autocast()
        self._entered: dict[str, fx.Node] = {}
        """By device, the node that switched autocast from what it is outside the model."""
        self._before_grad: fx.Node | None = None
        """The node that gives what gradients were set to outside, while they are on."""

    def write(self) -> None:
        """Nodes for what the model switched since the last operation."""
        wanted = autocast()
        if wanted != self._autocast:
            self._switch_autocast(wanted)
        if torch.is_grad_enabled() != (self._before_grad is not None):
            self._switch_grad()

    def reset(self) -> None:
        """Nodes that set everything back to what it is outside the model."""
        if self._autocast != self._outside:
            self._switch_autocast(self._outside)
        if self._before_grad is not None:
            self._switch_grad()

    def _switch_autocast(self, wanted: Autocast) -> None:
        states = zip(("cpu", "cuda"), self._autocast, self._outside, wanted, strict=True)
        for device, now, outside, then in states:
            if now != then and device in self._entered:
                self._call(_exit_autocast, self._entered.pop(device))
            if then not in (now, outside):
                entered = self._call(_enter_autocast, device, then, then is not None, True)
                self._entered[device] = entered
        self._autocast = wanted

    def _switch_grad(self) -> None:
        # A run is recorded with gradients off, whatever they are when its graph runs.
        if self._before_grad is None:
            self._before_grad = self._call(torch.is_grad_enabled)
            self._call(torch._C._set_grad_enabled, True)
        else:
            self._call(torch._C._set_grad_enabled, self._before_grad)
            self._before_grad = None

    def _call(self, function: Any, *arguments: Any) -> fx.Node:
        return self._graph.call_function(function, arguments)
