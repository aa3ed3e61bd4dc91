"""Turns the object that a target names into a model: a class or another callable is called."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.capture.absent_devices import AbsentDevicesOnCpu
from tracer.from_torch.capture.stubs.no_dynamo import dynamo_stubbed
from tracer.from_torch.capture.stubs.no_sympy import sympy_stubbed
from tracer.from_torch.model_copy import copy_model
from tracer.from_torch.targets.constructor_args import keywords_from
from tracer.from_torch.targets.user_errors import describe_error
from tracer.target_spec import Mode

WANTED = "a torch.nn.Module, or (model, inputs) with inputs a tuple or a dict"


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A model, and the inputs that came with it, if any.

    `was_there` says that the target was a model already, instead of something that builds one.
    """

    model: nn.Module
    inputs: Any = None
    was_there: bool = False


def build_model(
    target: Any,
    name: str,
    settings: Mapping[str, Any],
    preset: Mapping[str, Any],
    *,
    without_data: bool = True,
) -> BuiltModel:
    """Return the model that `target` is or builds.

    Args:
        target: A model, a class, or a callable that returns a model or ``(model, inputs)``.
        name: How messages name it.
        settings: Arguments for the callable, as texts or values.
        preset: Further arguments, which `settings` override.
        without_data: Whether to create the parameters on ``meta`` if the constructor supports it,
            which takes no memory and no time to initialize.

    Raises:
        TraceError: The target is or returns no model, or raises an exception.

    >>> build_model(nn.Linear, "Linear", {"in_features": "2", "out_features": 3}, {}).model
    Linear(in_features=2, out_features=3, bias=True)
    """
    if isinstance(target, nn.Module):
        if settings:
            raise TraceError(
                f"{name} is a model that is already built: --set is for classes and callables."
            )
        return BuiltModel(target, was_there=True)
    if not callable(target):
        kind = type(target).__name__
        raise TraceError(
            f"{name} is of type {kind}: expected {WANTED}, or a callable that returns it."
        )
    keywords = keywords_from(settings, target, preset, name)
    return _built_model(_call(target, keywords, name, without_data), name)


def in_mode(built: BuiltModel, mode: Mode | None) -> nn.Module:
    """Return a model in the mode that it is run in.

    A model that was built is in evaluation mode unless the other one is asked for. A model that was
    there already keeps its mode; for another one it is copied, and the copy has the same tensors.

    >>> in_mode(build_model(nn.Identity, "Identity", {}, {}), None).training
    False
    """
    model = built.model
    if not built.was_there:
        return model.train(mode == "training")
    if mode is None or all(part.training == (mode == "training") for part in model.modules()):
        return model
    shared: dict[int, Any] = {id(one): one for one in (*model.parameters(), *model.buffers())}
    return copy_model(model, shared).train(mode == "training")


def _call(target: Any, keywords: Mapping[str, Any], name: str, without_data: bool) -> Any:
    if without_data:
        # A constructor that reads numbers fails here, and is then called again with numbers.
        with (
            suppress(Exception, SystemExit),
            dynamo_stubbed(),
            sympy_stubbed(),
            AbsentDevicesOnCpu(),
            torch.device("meta"),
        ):
            return target(**keywords)
    try:
        with AbsentDevicesOnCpu():
            return target(**keywords)
    except (Exception, SystemExit) as error:
        described = describe_error(error, _file_of(target))
        raise TraceError(f"{name} cannot be built: {described}") from error


def _file_of(target: Any) -> Path | None:
    try:
        return Path(inspect.getfile(inspect.unwrap(target)))
    except TypeError:
        return None


def _built_model(result: Any, name: str) -> BuiltModel:
    if isinstance(result, nn.Module):
        return BuiltModel(result)
    match result:
        case (nn.Module() as model, (Tensor() | tuple() | list() | Mapping()) as inputs):
            return BuiltModel(model, inputs)
        case (nn.Module(), inputs):
            what = f"a model with inputs of type {type(inputs).__name__}"
        case _:
            what = f"an object of type {type(result).__name__}"
    raise TraceError(f"{name} returned {what}: it has to return {WANTED}.")
