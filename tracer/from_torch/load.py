"""A target such as ``package.module:name``, made into a model and inputs for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from tracer.from_torch.build import build
from tracer.from_torch.named_object import find_object
from tracer.from_torch.proposals import Proposal, proposals


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for.

    `target` is ``package.module:name`` or ``path/file.py:name``, where the name is that of a model,
    a class, or a callable that returns a model or ``(model, inputs)``. `settings` are the texts of
    constructor arguments, `inputs` those of inputs, both by name; `keywords` are constructor
    arguments that are values already, as those of a preset are.
    """

    target: str
    settings: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and the inputs to try it with, the likeliest first; never without one."""

    model: nn.Module
    proposals: tuple[Proposal, ...]


def load_target(request: Request, *, without_data: bool = True) -> Loaded:
    """The model of a request and inputs for it, all without data where the model allows that.

    ``without_data=False`` builds the model with its own numbers. Raises TraceError for a file, a
    module or a name that is not there, for one that fails, and for inputs that nothing tells.
    """
    found = find_object(request.target)
    built = build(
        found, request.target, request.settings, request.keywords, without_data=without_data
    )
    return Loaded(built.model, tuple(proposals(built.model, request.inputs, built.inputs)))
