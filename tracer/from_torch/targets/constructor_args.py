"""Converts the text of a constructor argument, ``--set ch_mult=1,2,2``, into its value.

The type follows from the annotation of the argument and from its default; without either, from the
text alone.
"""

from __future__ import annotations

import types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import torch

from tracer.errors import TraceError, shortened, suggestion
from tracer.from_torch.capture.model_call import parameters_of
from tracer.option_text.literals import parse_literal

ARGUMENT_CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
BOOLEANS = ARGUMENT_CONSTANTS | {
    "yes": True,
    "no": False,
    "on": True,
    "off": False,
    "1": True,
    "0": False,
}
SEQUENCES = (tuple, list, set, frozenset)
ABSTRACT = (abc.Sequence, abc.Collection, abc.Iterable, abc.MutableSequence)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a callable. `types` are the known types of its value.

    They come from the annotation or, without one, from the default, which shows only one of them.
    """

    name: str
    kind: Any
    default: Any
    types: frozenset[Any] = frozenset()
    annotated: bool = False

    @property
    def required(self) -> bool:
        """Whether a call without it fails."""
        variadic = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        return self.default is Parameter.empty and self.kind not in variadic


def arguments_of(function: Callable[..., Any]) -> tuple[Argument, ...]:
    """Return the arguments of a callable in order; a callable written in C accepts any.

    >>> [argument.name for argument in arguments_of(torch.nn.Identity().forward)]
    ['input']
    """
    hints = _hints(function)
    return tuple(
        _argument(parameter, _types_in(hints.get(parameter.name, Any)))
        for parameter in parameters_of(function)
    )


def _argument(parameter: Parameter, annotated: frozenset[Any]) -> Argument:
    name, kind, default = parameter.name, parameter.kind, parameter.default
    if Any in annotated:
        return Argument(name, kind, default, _type_of_default(default))
    optional = {type(None)} if default is None else set()
    return Argument(name, kind, default, annotated | optional, annotated=True)


def keywords_from(
    settings: Mapping[str, Any],
    function: Callable[..., Any],
    preset: Mapping[str, Any],
    function_name: str,
) -> dict[str, Any]:
    """Return the keywords to call `function` with.

    Args:
        settings: Arguments by name. A text is converted to the type of the argument.
        function: The callable.
        preset: Further arguments, which `settings` override.
        function_name: How messages name the callable.

    Raises:
        TraceError: A name is no argument, a text has the wrong type, or an argument is missing.

    >>> keywords_from({"out_features": "8"}, torch.nn.Linear, {"in_features": 3}, "Linear")
    {'in_features': 3, 'out_features': 8}
    """
    arguments = {argument.name: argument for argument in arguments_of(function)}
    kinds = {argument.kind for argument in arguments.values()}
    keywords = dict(preset)
    for name, setting in settings.items():
        if name not in arguments and Parameter.VAR_KEYWORD not in kinds:
            raise TraceError(
                f"{function_name} takes no argument {name}. {suggestion(name, arguments)}"
            )
        argument = arguments.get(name) or _argument_like(name, preset)
        is_text = isinstance(setting, str)
        keywords[name] = parse_setting(setting, argument) if is_text else setting
    _require_all(arguments.values(), keywords, function_name)
    return keywords


def _require_all(
    arguments: Iterable[Argument], keywords: Mapping[str, Any], function_name: str
) -> None:
    required = [argument.name for argument in arguments if argument.required]
    missing = [name for name in required if name not in keywords]
    if missing:
        example = " ".join(f"--set {name}=..." for name in missing)
        raise TraceError(f"{function_name} needs {', '.join(missing)}: give {example}")


def _argument_like(name: str, preset: Mapping[str, Any]) -> Argument:
    """An argument that the signature does not name, with the type of its value in the preset."""
    default = preset.get(name, Parameter.empty)
    return Argument(name, Parameter.KEYWORD_ONLY, default, _type_of_default(default))


def parse_setting(text: str, argument: Argument) -> Any:
    """Return the value that a text means for one argument.

    Args:
        text: ``"1,2,2"``, ``"0.1"``, ``"true"``, ``"none"``, ``"torch.float16"`` ...
        argument: The argument, whose types decide between readings.

    Raises:
        TraceError: The value does not have a type of the argument.

    >>> parse_setting("1,2,2", Argument("ch_mult", Parameter.KEYWORD_ONLY, [1]))
    (1, 2, 2)
    """
    types, word = argument.types, text.strip()
    if types and types <= {str, type(None)}:
        return None if type(None) in types and word.lower() == "none" else _unquoted(text)
    if bool in types and word.lower() in BOOLEANS:
        return BOOLEANS[word.lower()]
    sequence_type = next((sequence for sequence in SEQUENCES if sequence in types), None)
    if not word and sequence_type is not None:
        return sequence_type()
    value = _torch_dtype(word, types) or _literal(word)
    if sequence_type is not None and value is not None:
        value = _as_sequence(value, types, sequence_type)
    if float in types and int not in types and type(value) is int:
        value = float(value)
    _require_type(value, argument, text)
    return value


def _as_sequence(value: Any, types: frozenset[Any], sequence_type: type) -> Any:
    """The value as a sequence; a single value becomes one only if its type is not allowed."""
    if isinstance(value, SEQUENCES):
        return sequence_type(value)
    return value if type(value) in types else sequence_type([value])


def _require_type(value: Any, argument: Argument, text: str) -> None:
    plain = {bool, int, float, str, type(None), *SEQUENCES}
    if not argument.annotated or not argument.types <= plain or type(value) in argument.types:
        return
    names = sorted(one.__name__.replace("NoneType", "none") for one in argument.types)
    option = shortened(f"--set {argument.name}={text}")
    raise TraceError(
        f"{option}: {argument.name} is of type {' or '.join(names)}; "
        f"write {argument.name}={_example(argument)}."
    )


def _example(argument: Argument) -> str:
    """How to write a value of the right type: the default, if there is one."""
    default = argument.default
    if isinstance(default, SEQUENCES) and default:
        return ",".join(map(str, default)) + ("," if len(default) == 1 else "")
    if isinstance(default, (bool, int, float)):
        return str(default).lower()
    examples = {bool: "true", int: "4", float: "0.1", tuple: "1,2,4", list: "1,2,4"}
    return next((examples[one] for one in examples if one in argument.types), "...")


def _literal(word: str) -> Any:
    """A number, a constant, a quoted string or a tuple; otherwise the text itself."""
    if word.lower() in ARGUMENT_CONSTANTS:
        return ARGUMENT_CONSTANTS[word.lower()]
    try:
        return parse_literal(word)
    except ValueError:
        pass
    if "," in word:
        return tuple(_literal(part.strip()) for part in word.split(",") if part.strip())
    return word


def _unquoted(text: str) -> str:
    value = _literal(text) if text[:1] in {"'", '"'} else text
    return value if isinstance(value, str) else text


def _torch_dtype(word: str, types: frozenset[Any]) -> torch.dtype | None:
    dtype = getattr(torch, word.removeprefix("torch."), None) if torch.dtype in types else None
    return dtype if isinstance(dtype, torch.dtype) else None


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations as types; none if one of them cannot be evaluated."""
    target = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    try:
        return typing.get_type_hints(target)
    except Exception:  # an annotation may be any expression, and raise anything
        return {}


def _type_of_default(default: Any) -> frozenset[Any]:
    """The type of a default; nothing if there is none, or if it is None."""
    is_unknown = default is Parameter.empty or default is None
    return frozenset() if is_unknown else frozenset({type(default)})


def _types_in(hint: Any) -> frozenset[Any]:
    """The types in an annotation, without their type arguments."""
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        return frozenset().union(*map(_types_in, typing.get_args(hint)))
    if origin is typing.Literal:
        return frozenset(map(type, typing.get_args(hint)))
    plain = origin or hint
    return frozenset({tuple if plain in ABSTRACT else plain})
