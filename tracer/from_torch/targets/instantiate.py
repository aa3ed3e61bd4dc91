"""What a target names, made into a model: an instance as it is, a class or a callable called."""

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
from tracer.from_torch.targets.constructor_args import keywords_from
from tracer.from_torch.targets.user_errors import described

WANTED = "a torch.nn.Module, or (model, inputs) with inputs a tuple or a dict"


@dataclass(frozen=True, slots=True)
class Built:
    """A model, and the inputs that came with it, if any did."""

    model: nn.Module
    inputs: Any = None


def build(
    found: Any,
    who: str,
    settings: Mapping[str, Any],
    preset: Mapping[str, Any],
    *,
    without_data: bool = True,
) -> Built:
    """The model that `found` is or makes; `who` names it in messages.

    `settings` are constructor arguments, as texts or values; those of `preset` come below. With
    `without_data` its parameters are on ``meta`` where its constructor allows that: it then takes
    no memory, and no time to initialise. Raises TraceError for what is or makes no model.
    """
    if isinstance(found, nn.Module):
        if settings:
            raise TraceError(
                f"{who} is a model that was built already: --set is for classes and callables."
            )
        return Built(found)
    if not callable(found):
        kind = type(found).__name__
        raise TraceError(f"{who} is of type {kind}: name {WANTED}, or a callable that returns it.")
    keywords = keywords_from(settings, found, preset, who)
    return _sorted_out(_made(found, keywords, who, without_data), who)


def _made(found: Any, keywords: Mapping[str, Any], who: str, without_data: bool) -> Any:
    if without_data:
        # one that looks at numbers while it is built fails, and is then built with numbers
        with suppress(Exception, SystemExit), torch.device("meta"):
            return found(**keywords)
    try:
        return found(**keywords)
    except (Exception, SystemExit) as error:
        raise TraceError(f"{who} cannot be built: {described(error, _file_of(found))}") from error


def _file_of(found: Any) -> Path | None:
    try:
        return Path(inspect.getfile(inspect.unwrap(found)))
    except TypeError:
        return None


def _sorted_out(result: Any, who: str) -> Built:
    if isinstance(result, nn.Module):
        return Built(result)
    match result:
        case (nn.Module() as model, (Tensor() | tuple() | list() | Mapping()) as inputs):
            return Built(model, inputs)
        case (nn.Module(), inputs):
            what = f"a model with inputs of type {type(inputs).__name__}"
        case _:
            what = f"an object of type {type(result).__name__}"
    raise TraceError(f"{who} returned {what}: it has to return {WANTED}.")
