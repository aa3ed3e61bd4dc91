"""How a model is called: the module that runs, its submodules by path, its inputs by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.capture.lazy_results import run_to_end
from tracer.from_torch.capture.recursion_limit import room_for_nesting
from tracer.from_torch.private_torch import has_any_global_hook, jit_tracing_state

Inputs = Tensor | tuple[Any, ...] | list[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A model, all of its modules by path, and the arguments to call it with, by name.

    With `by_name` the arguments are passed as keywords, otherwise by position.
    """

    model: nn.Module
    modules: Mapping[str, nn.Module]
    arguments: Mapping[str, Any]
    by_name: bool

    @staticmethod
    def of(model: nn.Module, inputs: Inputs) -> ModelCall:
        """The call of `model` with `inputs`, without the wrapper of `torch.compile`."""
        model = uncompiled(model)
        by_name = isinstance(inputs, Mapping)
        return ModelCall(model, modules_by_path(model), named_inputs(model, inputs), by_name)

    @property
    def inputs(self) -> Inputs:
        """The arguments as `of` takes them."""
        return dict(self.arguments) if self.by_name else tuple(self.arguments.values())

    @property
    def levels(self) -> int:
        """How deep the modules are nested, by their paths; 1 for a model without submodules."""
        return 1 + max(path.count(".") + 1 if path else 0 for path in self.modules)

    def run(
        self,
        arguments: Mapping[str, Any],
        add_note: Callable[[str], object] = lambda _: None,
        model: nn.Module | None = None,
    ) -> Any:
        """Call the model, with other arguments of the same names, and runs it to its end.

        Context variables that it sets do not outlast the call.

        Args:
            arguments: The arguments by name.
            add_note: Called with a sentence if the model was not run to its end.
            model: A copy of the model to call instead.
        """
        with room_for_nesting(self.levels):
            return copy_context().run(
                self._run, self.model if model is None else model, arguments, add_note
            )

    def _run(
        self, model: nn.Module, arguments: Mapping[str, Any], add_note: Callable[[str], object]
    ) -> Any:
        result = model(**arguments) if self.by_name else model(*arguments.values())
        return run_to_end(result, add_note)


def uncompiled(model: nn.Module) -> nn.Module:
    """Return the module inside the wrapper of `torch.compile`, or `model` if there is none."""
    return getattr(model, "_orig_mod", model)


def forward_of(module: nn.Module) -> Callable[..., Any]:
    """Return what `nn.Module.__call__` runs in the end: `forward` itself if there are no hooks.

    PyTorch's own way there takes two more frames of Python for each module.

    >>> layer = nn.ReLU()
    >>> forward_of(layer) == layer.forward
    True
    """
    if (
        module._backward_hooks
        or module._backward_pre_hooks
        or module._forward_hooks
        or module._forward_pre_hooks
        or has_any_global_hook()
        or jit_tracing_state() is not None
        or type(module)._call_impl is not nn.Module._call_impl
    ):
        return module._call_impl
    return module.forward


def modules_by_path(model: nn.Module) -> dict[str, nn.Module]:
    """Return what `model.named_modules()` gives, without one generator per nesting level."""
    modules: dict[str, nn.Module] = {}
    seen: set[nn.Module] = set()
    pending = [("", model)]
    while pending:
        path, module = pending.pop()
        if module not in seen:
            seen.add(module)
            modules[path] = module
            prefix = f"{path}." if path else ""
            children = [
                (prefix + name, child)
                for name, child in module._modules.items()
                if child is not None
            ]
            pending += reversed(children)
    return modules


def named_inputs(model: nn.Module, inputs: Inputs) -> dict[str, Any]:
    """Return the inputs by the names that the model's ``forward`` has for them.

    Args:
        model: The model.
        inputs: A tensor, a sequence of positional arguments, or a mapping of keywords.

    >>> import torch
    >>> list(named_inputs(torch.nn.Linear(2, 3), torch.ones(1, 2)))
    ['input']
    """
    if isinstance(inputs, Mapping):
        return dict(inputs)
    items = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    names = _positional_names(parameters_of(model.forward))
    names += [f"input_{number}" for number in range(len(names), len(items))]
    return dict(zip(names, items, strict=False))


def _positional_names(parameters: Iterable[Parameter]) -> list[str]:
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in kinds]


def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters of a callable in order, without `self`.

    A method of TorchScript that was loaded from a file has a schema instead of a signature. For a
    callable written in C nothing is known, so it is taken to accept any arguments.
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
    """An argument of a TorchScript schema as a parameter of a signature."""
    kind = Parameter.KEYWORD_ONLY if argument.kwarg_only else Parameter.POSITIONAL_OR_KEYWORD
    default = argument.default_value if argument.has_default_value() else Parameter.empty
    return Parameter(argument.name, kind, default=default)
