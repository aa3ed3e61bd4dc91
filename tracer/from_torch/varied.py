"""A model that is built anew with other whole numbers, so that channels show how they follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from inspect import Parameter
from typing import Any

from torch import nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.load import Request, build_target, place_of
from tracer.from_torch.named_object import find_object
from tracer.from_torch.settings import arguments_of


class Varied:
    """The model of a request, for other values of some arguments of its constructor.

    `values` are those of the request itself. Raises TraceError for an argument that the constructor
    does not have, or whose value is no whole number.
    """

    def __init__(self, request: Request, names: Iterable[str]) -> None:
        self._request = request
        known = _known(request)
        self.values = {name: _whole(name, known) for name in names}

    def model(self, values: Mapping[str, int]) -> nn.Module:
        """The model with these values. Raises TraceError where it cannot be built."""
        settings = {**self._request.settings, **{name: values[name] for name in self.values}}
        return build_target(replace(self._request, settings=settings)).model


def _known(request: Request) -> dict[str, Any]:
    """The arguments of a constructor with their values, as far as these are known."""
    place, keywords = place_of(request.target)
    arguments = arguments_of(find_object(place))
    defaults = {one.name: one.default for one in arguments if one.default is not Parameter.empty}
    return {**defaults, **keywords, **request.settings}


def _whole(name: str, known: Mapping[str, Any]) -> int:
    if name not in known:
        raise TraceError(f'No argument "{name}" has a value to vary. {suggestion(name, known)}')
    value = known[name]
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TraceError(f"{name} is {value!r}: only a whole number can be varied.")
    return value
