"""Builds a model again with other whole numbers, so that channels become formulas of them.

A setting that is a whole number varies by its name. One that is a sequence of them, such as the
channels of each level, has one name per different number, after the position of its first
occurrence: ``channels_0``, ``channels_1``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from inspect import Parameter
from typing import Any

from torch import nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.targets.constructor_args import arguments_of, parse_setting
from tracer.from_torch.targets.given_inputs import given_candidates
from tracer.from_torch.targets.import_object import find_object
from tracer.from_torch.targets.instantiate import build_model, in_mode
from tracer.from_torch.targets.load import Loaded, build_target, importable_name
from tracer.target_spec import TargetSpec

Setting = int | Sequence[int]


class ModelFactory:
    """Builds a model with other values of some of its settings.

    `values` are the given ones, by the names that they vary by. Raises TraceError for a setting
    that is neither a whole number nor a sequence of them.
    """

    def __init__(
        self, make: Callable[[Mapping[str, Any]], nn.Module], settings: Mapping[str, Any]
    ) -> None:
        self._make = make
        self._settings = {name: _numbers(name, setting) for name, setting in settings.items()}
        self.values = dict(_named(self._settings))

    @staticmethod
    def of_target(spec: TargetSpec, names: Iterable[str]) -> ModelFactory:
        """The model of a target, by the names of some arguments of its constructor.

        Raises TraceError for a name that the constructor does not have.
        """

        def make(settings: Mapping[str, Any]) -> nn.Module:
            both = {**spec.settings, **settings}
            return build_target(replace(spec, settings=both)).model

        known = dict(_known(spec))
        for name in names:
            if name not in known:
                hint = suggestion(name, known)
                raise TraceError(f'No argument "{name}" has a value to vary. {hint}')
        return ModelFactory(make, {name: known[name] for name in names})

    @staticmethod
    def of_callable(
        maker: Callable[..., nn.Module], settings: Mapping[str, Setting]
    ) -> ModelFactory:
        """The factory that calls a class or a function with these keywords."""
        who = getattr(maker, "__name__", type(maker).__name__)
        if isinstance(maker, nn.Module):
            raise TraceError(
                f"{type(maker).__name__} is already an instance. To vary {', '.join(settings)}, "
                "pass its class or a factory function."
            )

        def make(values: Mapping[str, Any]) -> nn.Module:
            return in_mode(build_model(maker, who, values, {}), None)

        return ModelFactory(make, settings)

    def model(self, values: Mapping[str, int]) -> nn.Module:
        """Build the model with these values. Raises TraceError if it cannot be built."""
        return self._make(dict(self._built_with(values)))

    def _built_with(self, values: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
        for name, setting in self._settings.items():
            row = [values[one] for one in _names(name, setting)]
            yield name, row[0] if isinstance(setting, int) else type(setting)(row)


def _known(spec: TargetSpec) -> Iterator[tuple[str, Any]]:
    """The arguments of a constructor with their values, as far as these are known."""
    place, keywords = importable_name(spec.target)
    arguments = {one.name: one for one in arguments_of(find_object(place))}
    given = {**keywords, **spec.settings}
    for name in dict.fromkeys((*arguments, *given)):
        argument = arguments.get(name)
        value = given.get(name, argument.default if argument else None)
        if argument and isinstance(value, str):
            value = parse_setting(value, argument)
        if value is not Parameter.empty:
            yield name, value


def _numbers(name: str, value: Any) -> Any:
    row = value if isinstance(value, (tuple, list)) and value else (value,)
    if any(not isinstance(one, int) or isinstance(one, bool) for one in row):
        raise TraceError(f"{name} is {value!r}: only whole numbers can be varied.")
    return value


def _names(name: str, setting: Setting) -> list[str]:
    if isinstance(setting, int):
        return [name]
    # Models often build other blocks where two numbers are equal, so these share one name.
    return [f"{name}_{setting.index(one)}" for one in setting]


def _named(settings: Mapping[str, Setting]) -> Iterator[tuple[str, int]]:
    for name, setting in settings.items():
        row = (setting,) if isinstance(setting, int) else setting
        yield from zip(_names(name, setting), row, strict=True)


def model_at_hand(
    model: nn.Module | Callable[..., nn.Module],
    inputs: Inputs | None,
    vary: Mapping[str, Setting] | None,
) -> tuple[Loaded, ModelFactory | None]:
    """Return a model with its inputs, and with `vary` what builds it with other numbers.

    Raises:
        TraceError: `model` is no model, or cannot be built with these numbers; or `inputs` cannot
            be understood or, if None, inferred.
    """
    factory = ModelFactory.of_callable(model, vary) if vary else None
    built = factory.model(factory.values) if factory else require_model(model)
    return Loaded(built, given_candidates(built, inputs)), factory


def require_model(model: Any) -> nn.Module:
    """Return the model, or raise TraceError if it is something else."""
    if not isinstance(model, nn.Module):
        name = getattr(model, "__name__", type(model).__name__)
        raise TraceError(
            f"{name} is not a model: give a torch.nn.Module, or with `vary` what builds one."
        )
    return model
