"""The parameters of a callable, also of one that Python cannot look into."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a callable in their order, without `self`.

    What TorchScript compiled and loaded from a file has a schema in the place of a signature. Of
    a callable written in C nothing is known, which is as if it took anything.
    """
    try:
        return tuple(signature(function).parameters.values())
    except (TypeError, ValueError):
        schema = getattr(function, "schema", None)
    if schema is None:
        return (
            Parameter("arguments", Parameter.VAR_POSITIONAL),
            Parameter("keywords", Parameter.VAR_KEYWORD),
        )
    return tuple(map(_parameter, schema.arguments[1:]))


def _parameter(argument: Any) -> Parameter:
    kind = Parameter.KEYWORD_ONLY if argument.kwarg_only else Parameter.POSITIONAL_OR_KEYWORD
    default = argument.default_value if argument.has_default_value() else Parameter.empty
    return Parameter(argument.name, kind, default=default)
