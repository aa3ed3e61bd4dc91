"""A target such as ``package.module:name``, made into a model and inputs to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from tracer.errors import TraceError
from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.targets.image_request import ImageRequest
from tracer.from_torch.targets.import_object import find_object
from tracer.from_torch.targets.input_candidates import InputCandidate, candidate_inputs
from tracer.from_torch.targets.instantiate import BuiltModel, build_model, in_mode
from tracer.preset_registry import find_preset
from tracer.target_spec import TargetSpec


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and the inputs to try it with, the likeliest first; never without one."""

    model: nn.Module
    candidates: tuple[InputCandidate, ...]


def load_target(spec: TargetSpec, *, without_data: bool = True) -> Loaded:
    """Return the model of a target and inputs for it, all without data where the model allows that.

    Args:
        spec: The target, its settings and the inputs that the user gave.
        without_data: Whether parameters may be on ``meta``; False builds the model with numbers.

    Raises:
        TraceError: A file, a module or a name does not exist, or fails; an input is unknown.
    """
    built = build_target(spec, without_data=without_data)
    asked = ImageRequest(spec.size, spec.batch)
    found = candidate_inputs(built.model, spec.inputs, built.inputs, asked)
    return Loaded(built.model, tuple(found))


def build_target(spec: TargetSpec, *, without_data: bool = True) -> BuiltModel:
    """Return the model of a target, and the inputs that its own callable returned, if any.

    Raises:
        TraceError: A file, a module or a name does not exist, or fails.
    """
    name, keywords = importable_name(spec.target)
    built = build_model(find_object(name), name, spec.settings, keywords, without_data=without_data)
    return replace(built, model=in_mode(built, spec.mode))


def suggested_inputs(spec: TargetSpec) -> tuple[Inputs, ...]:
    """Return the inputs that a model suggests itself, where the user asked for others."""
    if not spec.asks_for_inputs:
        return ()
    try:
        loaded = load_target(spec.without_inputs())
    except TraceError:  # the inputs of this model cannot be inferred
        return ()
    return tuple(candidate.inputs for candidate in loaded.candidates)


def importable_name(target: str) -> tuple[str, Mapping[str, Any]]:
    """Return where the object of a target is found, and a preset's keywords to call it with."""
    if ":" in target:
        return target, {}
    preset = find_preset(target)
    return preset.target, preset.keywords()
