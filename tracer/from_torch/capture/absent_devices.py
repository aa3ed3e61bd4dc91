"""Lets a model that asks for a device run on a machine that has no such device.

A ``forward`` may hold ``x.cuda()``, ``device="cuda"`` or ``torch.cuda.synchronize()``. For shapes
it does not matter where a tensor is, so what would be on an absent device is put on the CPU, and
calls that only control the device do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchFunction
from tracer.from_torch.capture.tensor_source import CPU

PRESENT = frozenset(("cpu", "meta"))
"""The devices that every machine has."""

ABSENT_DEVICE_NOTE = (
    "The model asks for the device {}{}, which this machine does not have: what it puts there was "
    "recorded on the CPU."
)

Ask: TypeAlias = Callable[[str], object]
"""Is called with the type of an absent device that a model asks for."""

TorchArguments: TypeAlias = tuple[TorchFunction, Arguments, Keywords]
"""A function with its positional and keyword arguments."""

MOVES = {
    getattr(Tensor, name): name
    for name in ("cuda", "xpu", "ipu", "hpu", "mtia")
    if hasattr(Tensor, name)
}
"""Methods that move a tensor to the device of their name."""


class NullStream:
    """A stream or event of an absent device: waiting for it takes no time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __enter__(self) -> NullStream:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def query(self) -> bool:
        """Whether all work is done."""
        return True

    def record_event(self, event: NullStream | None = None) -> NullStream:
        """Return an event that has happened."""
        return event or NullStream()

    def synchronize(self, *args: object) -> None:
        """Does nothing, and so do the other methods."""

    record = wait = wait_event = wait_stream = synchronize


RESULTS: dict[str, Any] = {
    "current_device": 0,
    **dict.fromkeys(("set_device", "synchronize", "empty_cache", "ipc_collect", "set_stream")),
    **dict.fromkeys(("range_push", "range_pop", "mark")),
    **dict.fromkeys(("current_stream", "default_stream"), NullStream()),
}
"""What functions that only control a device return where there is none."""

CLASSES = {
    **dict.fromkeys(("Stream", "Event"), NullStream),
    **dict.fromkeys(("device", "device_of", "stream"), nullcontext),
}
"""What replaces the classes and context managers of an absent device."""


@cache
def is_absent(kind: str) -> bool:
    """Whether this machine has no device of a type, such as ``"cuda"``.

    >>> is_absent("cpu")
    False
    """
    if kind in PRESENT:
        return False
    try:
        return not torch.get_device_module(kind).is_available()
    except (RuntimeError, AttributeError):
        return True


def absent_type(device: Any) -> str | None:
    """Return the type of a device as it is written in a call, if this machine lacks it."""
    if isinstance(device, torch.device):
        kind = device.type
    elif isinstance(device, str):
        kind = device.partition(":")[0]
        if not kind.isidentifier() or not _is_device_type(kind):
            return None
    elif isinstance(device, int) and not isinstance(device, bool):
        accelerator = torch.accelerator.current_accelerator()
        kind = "cuda" if accelerator is None else accelerator.type
    else:
        return None
    return kind if is_absent(kind) else None


@cache
def _is_device_type(kind: str) -> bool:
    try:
        return torch.device(kind).type == kind
    except RuntimeError:
        return False


def on_cpu(func: TorchFunction, args: Arguments, kwargs: Keywords, ask: Ask) -> TorchArguments:
    """Return a torch call with the CPU in place of each absent device.

    Args:
        func: The function that a model calls.
        args: Its positional arguments.
        kwargs: Its keywords.
        ask: Called with the type of each absent device.
    """
    method = METHODS.get(func)
    if method is not None:
        return method(func, args, kwargs, ask)
    if kwargs and ("device" in kwargs or "pin_memory" in kwargs):
        kwargs = _keywords_on_cpu(kwargs, ask)
    for item in args:
        if type(item) is torch.device and is_absent(item.type):
            ask(item.type)
            return func, tuple(CPU if one is item else one for one in args), kwargs
    return func, args, kwargs


def _keywords_on_cpu(kwargs: Keywords, ask: Ask) -> Keywords:
    kind = absent_type(kwargs.get("device"))
    if kind is not None:
        ask(kind)
        kwargs = {**kwargs, "device": CPU}
    if kwargs.get("pin_memory") and not torch.accelerator.is_available():
        kwargs = {**kwargs, "pin_memory": False}
    return kwargs


def _moved(func: TorchFunction, args: Arguments, kwargs: Keywords, ask: Ask) -> TorchArguments:
    """``x.cuda()``."""
    if not is_absent(MOVES[func]):
        return func, args, kwargs
    ask(MOVES[func])
    return Tensor.to, (args[0], CPU), {}


def _to(func: TorchFunction, args: Arguments, kwargs: Keywords, ask: Ask) -> TorchArguments:
    """``x.to(device, ...)``, also with a device as a string or a number."""
    args, kwargs = tuple(args), dict(kwargs)
    for place, device in (*enumerate(args[1:2], 1), ("device", kwargs.get("device"))):
        kind = absent_type(device)
        if kind is not None:
            ask(kind)
            if place == "device":
                kwargs["device"] = CPU
            else:
                args = (args[0], CPU, *args[2:])
    return func, args, kwargs


def _type(func: TorchFunction, args: Arguments, kwargs: Keywords, ask: Ask) -> TorchArguments:
    """``x.type("torch.cuda.FloatTensor")``."""
    for item in args[1:2]:
        kind, dot, cpu_type = _type_name(item).removeprefix("torch.").partition(".")
        if dot and _is_device_type(kind) and is_absent(kind):
            ask(kind)
            args = (args[0], f"torch.{cpu_type}", *args[2:])
    return func, args, kwargs


def _type_name(item: Any) -> str:
    return f"{item.__module__}.{item.__name__}" if isinstance(item, type) else str(item)


def _pinned(func: TorchFunction, args: Arguments, kwargs: Keywords, ask: Ask) -> TorchArguments:
    """``x.pin_memory()``, which only speeds up copies to a device."""
    if torch.accelerator.is_available():
        return func, args, kwargs
    return Tensor.to, (args[0], CPU), {}


METHODS = {
    Tensor.to: _to,
    Tensor.type: _type,
    Tensor.pin_memory: _pinned,
    **dict.fromkeys(MOVES, _moved),
}
"""Methods that name a device in a way of their own."""


class AbsentDevicesOnCpu(TorchFunctionMode):
    """Inside, what a torch call asks to be on an absent device is on the CPU."""

    def __torch_function__(
        self, func: TorchFunction, types: Any, args: Arguments = (), kwargs: Keywords | None = None
    ) -> Any:
        func, args, kwargs = on_cpu(func, args, kwargs or {}, lambda _: None)
        return func(*args, **kwargs)


@contextmanager
def control_calls_ignored(ask: Ask = lambda _: None) -> Iterator[None]:
    """Make calls such as ``torch.cuda.synchronize()`` do nothing where there is no such device.

    Args:
        ask: Called with the type of a device that such a call is about.
    """
    with ExitStack() as stack:
        for kind in ("cuda", "mps", "xpu"):
            if is_absent(kind):
                module = getattr(torch, kind)
                stack.enter_context(_replaced(module, kind, ask))
                if hasattr(module, "nvtx"):
                    stack.enter_context(_replaced(module.nvtx, kind, ask))
        if is_absent("cuda"):
            stack.enter_context(_streams_not_recorded())
        yield


def _not_recorded(*_: object) -> None:
    """Take the place of `Tensor.record_stream`, in each run: a memo compares what is replaced."""


@contextmanager
def _streams_not_recorded() -> Iterator[None]:
    """Make ``x.record_stream(stream)`` do nothing: it only keeps memory from being reused."""
    Tensor.record_stream = _not_recorded  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        del Tensor.record_stream  # the method of the base class shows again


@contextmanager
def _replaced(module: ModuleType, kind: str, ask: Ask) -> Iterator[None]:
    """Replace the functions and classes of a module that need the driver of a device."""

    def returns(result: Any) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            ask(kind)
            return result

        return function

    new = {name: returns(result) for name, result in RESULTS.items()} | CLASSES
    before = {name: vars(module)[name] for name in new if name in vars(module)}
    vars(module).update({name: new[name] for name in before})
    try:
        yield
    finally:
        vars(module).update(before)
