"""The global modes of torch that a model may change while it runs, as nodes of its graph.

Autocast decides dtypes, and the gradient mode decides whether a model may ask for a gradient. A
graph has no ``with``, so one node marks where a mode changed and another where it changed back.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from tracer.from_torch.private_torch import enter_autocast, exit_autocast, set_grad_enabled

AutocastState = tuple[torch.dtype | None, torch.dtype | None]
"""The dtype of autocast on the CPU and on CUDA, None where it is off."""


def autocast_state() -> AutocastState:
    """Return which autocast is on now."""
    cpu, cuda = torch.is_autocast_enabled("cpu"), torch.is_autocast_enabled("cuda")
    return (
        torch.get_autocast_dtype("cpu") if cpu else None,
        torch.get_autocast_dtype("cuda") if cuda else None,
    )


class GlobalModes:
    """The modes as the nodes of a graph have set them so far."""

    def __init__(self, graph: fx.Graph) -> None:
        self._graph = graph
        self._outside = self._autocast = autocast_state()
        self._entered: dict[str, fx.Node] = {}
        """The node that entered autocast, by device, while it differs from outside the model."""
        self._grad_outside: fx.Node | None = None
        """The node that reads the gradient mode outside the model, while gradients are on."""

    def add_changes(self) -> None:
        """Add nodes for the modes that the model changed since the last operation."""
        autocast = autocast_state()
        if autocast != self._autocast:
            self._set_autocast(autocast)
        if torch.is_grad_enabled() != (self._grad_outside is not None):
            self._toggle_grad()

    def add_reset(self) -> None:
        """Add nodes that set all modes back to what they are outside the model."""
        if self._autocast != self._outside:
            self._set_autocast(self._outside)
        if self._grad_outside is not None:
            self._toggle_grad()

    def _set_autocast(self, autocast: AutocastState) -> None:
        states = zip(("cpu", "cuda"), self._autocast, self._outside, autocast, strict=True)
        for device, now, outside, then in states:
            if now != then and device in self._entered:
                self._call(exit_autocast, self._entered.pop(device))
            if then not in (now, outside):
                entered = self._call(enter_autocast, device, then, then is not None, True)
                self._entered[device] = entered
        self._autocast = autocast

    def _toggle_grad(self) -> None:
        # A run is recorded with gradients off; its graph may run with either.
        if self._grad_outside is None:
            self._grad_outside = self._call(torch.is_grad_enabled)
            self._call(set_grad_enabled, True)
        else:
            self._call(set_grad_enabled, self._grad_outside)
            self._grad_outside = None

    def _call(self, function: Any, *arguments: Any) -> fx.Node:
        return self._graph.call_function(function, arguments)
