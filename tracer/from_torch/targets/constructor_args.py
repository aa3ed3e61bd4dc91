"""``--set ch_mult=1,2,2``: the text of a constructor's argument, turned into the value meant.

What is meant is told by the annotation of the argument and by its default; where both say nothing,
by the text alone.
"""

from __future__ import annotations

import ast
import types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import torch

from tracer.errors import TraceError, suggestion
from tracer.from_torch.targets.signatures import parameters_of

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
    """One argument of a callable. `types` are those that its value may have, as far as is known.

    They come from the annotation, or else from the default, which only shows one of them.
    """

    name: str
    kind: Any
    default: Any
    types: frozenset[Any] = frozenset()
    annotated: bool = False

    @property
    def required(self) -> bool:
        """Whether a call without it fails."""
        various = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        return self.default is Parameter.empty and self.kind not in various


def arguments_of(function: Callable[..., Any]) -> tuple[Argument, ...]:
    """The arguments of a callable in their order; of one written in C, none that are known."""
    hints = _hints(function)
    parameters = parameters_of(function)
    return tuple(_argument(one, _flat(hints.get(one.name, Any))) for one in parameters)


def _argument(one: Parameter, annotated: frozenset[Any]) -> Argument:
    default = one.default
    if Any in annotated:
        return Argument(one.name, one.kind, default, _types_like(default))
    optional = {type(None)} if default is None else set()
    return Argument(one.name, one.kind, default, annotated | optional, annotated=True)


def keywords_from(
    settings: Mapping[str, Any], function: Callable[..., Any], preset: Mapping[str, Any], who: str
) -> dict[str, Any]:
    """The keywords to call `function` with: those of `preset`, and over them `settings`.

    A setting that is a text is read as the argument wants it, another is a value already. Raises
    TraceError for a name that `who`, the callable, does not take, for a text of another type than
    the argument's, and for an argument that it needs and nobody gave.
    """
    arguments = {one.name: one for one in arguments_of(function)}
    open_ended = any(one.kind is Parameter.VAR_KEYWORD for one in arguments.values())
    keywords = dict(preset)
    for name, setting in settings.items():
        if name not in arguments and not open_ended:
            raise TraceError(f"{who} takes no argument {name}. {suggestion(name, arguments)}")
        argument = arguments.get(name) or _like(name, preset)
        is_text = isinstance(setting, str)
        keywords[name] = parse_setting(setting, argument) if is_text else setting
    _require(arguments.values(), keywords, who)
    return keywords


def _require(arguments: Iterable[Argument], keywords: Mapping[str, Any], who: str) -> None:
    missing = [one.name for one in arguments if one.required and one.name not in keywords]
    if missing:
        example = " ".join(f"--set {name}=..." for name in missing)
        raise TraceError(f"{who} needs {', '.join(missing)}: give {example}")


def _like(name: str, preset: Mapping[str, Any]) -> Argument:
    """An argument that has no place in the signature: its value in the preset is its example."""
    default = preset.get(name, Parameter.empty)
    return Argument(name, Parameter.KEYWORD_ONLY, default, _types_like(default))


def parse_setting(text: str, argument: Argument) -> Any:
    """The value of one argument. Raises TraceError for a text that is of another type than it."""
    kinds, word = argument.types, text.strip()
    if kinds and kinds <= {str, type(None)}:
        return None if type(None) in kinds and word.lower() == "none" else _unquoted(text)
    if bool in kinds and word.lower() in BOOLEANS:
        return BOOLEANS[word.lower()]
    sequence = next((kind for kind in SEQUENCES if kind in kinds), None)
    if not word and sequence is not None:
        return sequence()
    value = _torch_type(word, kinds) or _literal(word)
    if sequence is not None and value is not None:
        value = sequence(value) if isinstance(value, SEQUENCES) else _one(value, kinds, sequence)
    if float in kinds and int not in kinds and type(value) is int:
        value = float(value)
    _require_type(value, argument, text)
    return value


def _one(value: Any, kinds: frozenset[Any], sequence: type) -> Any:
    """A value by itself where a sequence may stand: one of one, unless it may stand by itself."""
    return value if type(value) in kinds else sequence([value])


def _require_type(value: Any, argument: Argument, text: str) -> None:
    plain = {bool, int, float, str, type(None), *SEQUENCES}
    if not argument.annotated or not argument.types <= plain or type(value) in argument.types:
        return
    names = sorted(kind.__name__.replace("NoneType", "none") for kind in argument.types)
    raise TraceError(
        f"--set {argument.name}={text}: {argument.name} is of type {' or '.join(names)}; "
        f"write {argument.name}={_example(argument)}."
    )


def _example(argument: Argument) -> str:
    """How a value of the right type is written, the default where there is one."""
    default = argument.default
    if isinstance(default, SEQUENCES) and default:
        return ",".join(map(str, default)) + ("," if len(default) == 1 else "")
    if isinstance(default, (bool, int, float)):
        return str(default).lower()
    examples = {bool: "true", int: "4", float: "0.1", tuple: "1,2,4", list: "1,2,4"}
    return next((text for kind, text in examples.items() if kind in argument.types), "...")


def _literal(word: str) -> Any:
    """A number, a word that Python knows, a quoted string, a tuple; else the text itself."""
    if word.lower() in ARGUMENT_CONSTANTS:
        return ARGUMENT_CONSTANTS[word.lower()]
    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError):
        pass
    if "," in word:
        return tuple(_literal(part.strip()) for part in word.split(",") if part.strip())
    return word


def _unquoted(text: str) -> str:
    value = _literal(text) if text[:1] in {"'", '"'} else text
    return value if isinstance(value, str) else text


def _torch_type(word: str, kinds: frozenset[Any]) -> torch.dtype | None:
    found = getattr(torch, word.removeprefix("torch."), None) if torch.dtype in kinds else None
    return found if isinstance(found, torch.dtype) else None


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations as types; none where one of them cannot be looked up."""
    target = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    try:
        return typing.get_type_hints(target)
    except Exception:  # an annotation may be any expression, and raise anything
        return {}


def _types_like(default: Any) -> frozenset[Any]:
    """The type of a default, where there is one that says something."""
    says_nothing = default is Parameter.empty or default is None
    return frozenset() if says_nothing else frozenset({type(default)})


def _flat(hint: Any) -> frozenset[Any]:
    """The types in an annotation, without what stands in brackets."""
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        return frozenset().union(*map(_flat, typing.get_args(hint)))
    if origin is typing.Literal:
        return frozenset(map(type, typing.get_args(hint)))
    kind = origin or hint
    return frozenset({tuple if kind in ABSTRACT else kind})
