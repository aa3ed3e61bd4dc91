"""A target such as ``package.module:name``, made into a model and inputs for it, and traced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.targets.import_object import find_object
from tracer.from_torch.targets.input_candidates import InputCandidate, candidate_inputs
from tracer.from_torch.targets.instantiate import BuiltModel, build_model
from tracer.presets import find_preset


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for.

    `target` is the name of a preset, ``package.module:name`` or ``path/file.py:name``, where the
    name is that of a model, a class, or a callable that returns a model or ``(model, inputs)``.
    `settings` are constructor arguments, as texts or values, `inputs` the texts of inputs, by name.
    """

    target: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, and the inputs to try it with, the likeliest first; never without one."""

    model: nn.Module
    proposals: tuple[InputCandidate, ...]


def load_target(request: Request, *, without_data: bool = True) -> Loaded:
    """The model of a request and inputs for it, all without data where the model allows that.

    ``without_data=False`` builds the model with its own numbers. Raises TraceError for a file, a
    module or a name that is not there, for one that fails, and for inputs that nothing tells.
    """
    built = build_target(request, without_data=without_data)
    return Loaded(built.model, tuple(candidate_inputs(built.model, request.inputs, built.inputs)))


def build_target(request: Request, *, without_data: bool = True) -> BuiltModel:
    """The model of a request alone, and the inputs that its own callable gave, if any.

    Raises TraceError for a file, a module or a name that is not there, and for one that fails.
    """
    place, keywords = place_of(request.target)
    found = find_object(place)
    return build_model(found, place, request.settings, keywords, without_data=without_data)


def place_of(target: str) -> tuple[str, Mapping[str, Any]]:
    """Where the object of a target is found, and what it is called with if it is a preset's."""
    if ":" in target:
        return target, {}
    preset = find_preset(target)
    return preset.target, preset.keywords()


def record_target(loaded: Loaded, *, lines: bool = True) -> tuple[Recording, int]:
    """A recording of the model with the first of its proposals that it takes, and its number.

    Where it fails with all of them, the recording is that with the first, up to the failure.
    """
    for number, proposal in enumerate(loaded.proposals):
        recording = record(loaded.model, proposal.inputs, lines=lines)
        if recording.failure is None:
            return recording, number
    return record(loaded.model, loaded.proposals[0].inputs), 0
