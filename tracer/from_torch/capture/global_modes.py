"""The global modes of torch that a model may change while it runs, as nodes of its graph.

Autocast decides dtypes, the gradient mode and inference mode decide which operations have a
gradient. A graph has no ``with``, so one node marks where a mode changed and another where it
changed back. A mode that the model left alone is the one in which the graph is run.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from torch import fx

from tracer.from_torch.private_torch import (
    enter_autocast,
    enter_inference_mode,
    exit_autocast,
    exit_inference_mode,
    set_grad_enabled,
)

AUTOCAST_DEVICES = ("cpu", "cuda")

AutocastState = tuple[torch.dtype | None, ...]
"""The dtype of autocast on each device, None where it is off."""

GRAD_MODE_FILE = torch.no_grad.__enter__.__code__.co_filename
"""Where PyTorch defines `no_grad`, `enable_grad` and `set_grad_enabled`."""


def autocast_state() -> AutocastState:
    """Return which autocast is on now."""
    return tuple(map(_autocast_dtype, AUTOCAST_DEVICES))


def _autocast_dtype(device: str) -> torch.dtype | None:
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None


class GradientMode:
    """Whether the model turned gradients on or off, as far as its calls of torch show.

    `now` is None where they are as outside the model. Only a ``with`` that ends can show that: it
    sets the mode back to what it was, which is the same call as setting it to that.
    """

    def __init__(self) -> None:
        self.now: bool | None = None
        self._outside: dict[int, tuple[object, bool | None]] = {}
        """What the mode was before each context manager, by the id of the manager."""

    def set(self, enabled: bool) -> None:
        """Take in a call that sets the mode."""
        frames = list(_frames(sys._getframe()))
        if _is_in_custom_function(frames):
            return
        manager, name = _grad_mode_manager(frames)
        if manager is not None and name == "__exit__":
            self.now = self._outside.pop(id(manager), (manager, enabled))[1]
            return
        if manager is not None:
            self._outside.setdefault(id(manager), (manager, self.now))
        self.now = enabled


def _is_in_custom_function(frames: Iterable[FrameType]) -> bool:
    """Whether a custom `torch.autograd.Function` runs, whose gradient is not that of its forward.

    What calls its forward is written in C in newer versions of PyTorch, and has no frame there.
    """
    forwards = {getattr(one.forward, "__code__", None) for one in _custom_functions()}
    return any(frame.f_code in forwards for frame in frames)


def _custom_functions() -> Iterator[type[torch.autograd.Function]]:
    pending = [torch.autograd.Function]
    while pending:
        yield (one := pending.pop())
        pending += one.__subclasses__()


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _grad_mode_manager(frames: list[FrameType]) -> tuple[object | None, str]:
    """The context manager of the gradient mode that is running, and which of its methods."""
    found = (number for number, frame in enumerate(frames) if _is_grad_mode(frame))
    number = next(found, None)
    if number is None:
        return None, ""
    while _is_grad_mode(frames[number + 1]):
        number += 1  # `no_grad` itself makes a `set_grad_enabled`
    return frames[number].f_locals.get("self"), frames[number].f_code.co_name


def _is_grad_mode(frame: FrameType) -> bool:
    return frame.f_code.co_filename == GRAD_MODE_FILE


class GlobalModes:
    """The modes as the nodes of a graph have set them so far."""

    def __init__(self, graph: fx.Graph) -> None:
        self._graph = graph
        self.gradients = GradientMode()
        self._autocast_regions: Counter[str] = Counter()
        """In how many ``with autocast(...)`` of the model the run is, by device."""
        self._autocast_outside = dict(zip(AUTOCAST_DEVICES, autocast_state(), strict=True))
        self._autocast: dict[str, Any] = dict.fromkeys(AUTOCAST_DEVICES)
        """What the last nodes set autocast to, by device; None where it is as outside."""
        self._autocast_nodes: dict[str, fx.Node] = {}
        self._grad_outside = torch.is_grad_enabled()
        self._grad: bool | None = None
        """What the last nodes set the gradient mode to, None where it is as outside."""
        self._grad_node: fx.Node | None = None
        """The node that reads the gradient mode outside the model."""
        self._inference_outside = torch.is_inference_mode_enabled()
        self._inference: tuple[fx.Node, bool | None] | None = None
        """The node that entered or left inference mode, and the gradient mode before it."""

    @contextmanager
    def observed(self) -> Iterator[None]:
        """Count the autocast regions inside, because one that turns it off changes nothing."""
        self._grad_outside = torch.is_grad_enabled()
        cls: Any = torch.amp.autocast_mode.autocast
        thread = threading.get_ident()
        enter, leave = cls.__enter__, cls.__exit__

        def count(region: Any, step: int) -> None:
            if threading.get_ident() == thread:
                self._autocast_regions[region.device] += step

        def entered(region: Any) -> Any:
            result = enter(region)
            count(region, 1)
            return result

        def left(region: Any, *exception: Any) -> Any:
            count(region, -1)
            return leave(region, *exception)

        cls.__enter__, cls.__exit__ = entered, left
        try:
            yield
        finally:
            cls.__enter__, cls.__exit__ = enter, leave

    def add_changes(self) -> None:
        """Add nodes for the modes that the model changed since the last operation."""
        for device in AUTOCAST_DEVICES:
            self._set_autocast(device, self._wanted_autocast(device))
        self._set_inference(torch.is_inference_mode_enabled())
        self._set_grad(self._wanted_grad())

    def add_reset(self) -> None:
        """Add nodes that set all modes back to what they are outside the model."""
        for device in AUTOCAST_DEVICES:
            self._set_autocast(device, None)
        self._set_inference(self._inference_outside)
        self._set_grad(None)

    def _wanted_autocast(self, device: str) -> tuple[bool, torch.dtype] | None:
        dtype = _autocast_dtype(device)
        if not self._autocast_regions[device] and dtype == self._autocast_outside[device]:
            return None
        return dtype is not None, torch.get_autocast_dtype(device)

    def _set_autocast(self, device: str, wanted: tuple[bool, torch.dtype] | None) -> None:
        if wanted == self._autocast[device]:
            return
        if device in self._autocast_nodes:
            self._call(exit_autocast, self._autocast_nodes.pop(device))
        if wanted is not None:
            enabled, dtype = wanted
            self._autocast_nodes[device] = self._call(enter_autocast, device, dtype, enabled, True)
        self._autocast[device] = wanted

    def _set_inference(self, wanted: bool) -> None:
        if wanted == (self._inference_outside != (self._inference is not None)):
            return
        if self._inference is None:
            self._inference = self._call(enter_inference_mode, wanted), self._grad
        else:
            node, self._grad = self._inference
            self._call(exit_inference_mode, node)
            self._inference = None

    def _wanted_grad(self) -> bool | None:
        wanted, enabled = self.gradients.now, torch.is_grad_enabled()
        if enabled and (wanted is False or (wanted is None and not self._grad_outside)):
            return True  # by another way than a call of `set_grad_enabled`
        return wanted

    def _set_grad(self, wanted: bool | None) -> None:
        if wanted == self._grad:
            return
        if self._grad_node is None:
            self._grad_node = self._call(torch.is_grad_enabled)
        self._call(set_grad_enabled, self._grad_node if wanted is None else wanted)
        self._grad = wanted

    def _call(self, function: Any, *arguments: Any) -> fx.Node:
        return self._graph.call_function(function, arguments)


class OutsideModes:
    """The modes outside a running graph, which are set again if the graph raises an exception."""

    def __init__(self) -> None:
        self._states: dict[int, list[tuple[bool, list[tuple[bool, torch.dtype]]]]] = {}
        """The modes outside each call of the graph, by the thread that makes it."""

    def restore_after(self, module: fx.GraphModule) -> None:
        """Make a graph that changes modes set them back, whichever way it ends."""
        changes = (set_grad_enabled, enter_autocast, enter_inference_mode)
        if any(node.target in changes for node in module.graph.nodes):
            module.register_forward_pre_hook(self.remember)
            module.register_forward_hook(self.restore, always_call=True)

    def remember(self, *_: object) -> None:
        """Take in the modes before a call."""
        autocast = [
            (torch.is_autocast_enabled(device), torch.get_autocast_dtype(device))
            for device in AUTOCAST_DEVICES
        ]
        states = self._states.setdefault(threading.get_ident(), [])
        states.append((torch.is_grad_enabled(), autocast))

    def restore(self, *_: object) -> None:
        """Set the modes as they were before the call."""
        thread = threading.get_ident()
        gradients, autocast = self._states[thread].pop()
        if not self._states[thread]:
            del self._states[thread]
        torch.set_grad_enabled(gradients)
        for device, (enabled, dtype) in zip(AUTOCAST_DEVICES, autocast, strict=True):
            torch.set_autocast_enabled(device, enabled)
            torch.set_autocast_dtype(device, dtype)
