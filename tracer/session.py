"""What the words of a command name: ``my_unet.py:UNet --set ch=64``, and its trace."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from tracer.errors import TraceError
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.failure import note
from tracer.from_torch.runs.model_factory import ModelFactory
from tracer.from_torch.runs.model_runner import ModelRunner
from tracer.from_torch.targets.load import Request, load_target, record_target
from tracer.record import Trace
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.symbolic_trace import symbolic_trace

SET, INPUT, DIMS, VARY, SYMBOLIC = "--set", "--input", "--dims", "--vary", "--symbolic"
KNOWN = "--set NAME=VALUE, --input NAME=SHAPE, --symbolic, --dims NAME=AXIS,... and --vary NAME"


@dataclass(frozen=True, slots=True)
class TracedTarget:
    """A trace, and the model and the inputs that it was made with.

    `dims` are the names that the words gave to axes.
    """

    trace: Trace
    model: nn.Module
    inputs: Any
    dims: Mapping[str, tuple[str, ...]]


def traced(words: str, folder: Path = Path()) -> TracedTarget:
    """The trace of a target with the options that `unet-trace show` has for what is run.

    Files are looked for in `folder`. An exception that the model raises reaches the caller as it
    is, with a note. Raises TraceError for words that name nothing to be traced.
    """
    target, *rest = shlex.split(words) or [""]
    options = list(_options(words, rest))
    settings, inputs, axes = (_pairs(words, options, name) for name in (SET, INPUT, DIMS))
    request = Request(_in(folder, target), settings, inputs)
    loaded = load_target(request)
    recording, number = record_target(loaded)
    found = TracedTarget(
        trace=to_trace(recording, words),
        model=loaded.model,
        inputs=loaded.proposals[number].inputs,
        dims={name: tuple(text.split(",")) if text else () for name, text in axes.items()},
    )
    if recording.failure is not None:
        recording.failure.error.add_note(note(recording.failure, found.trace))
        raise recording.failure.error
    vary = [name for option, name in options if option == VARY]
    if not (found.dims or vary or (SYMBOLIC, "") in options):
        return found
    factory = ModelFactory.of_request(request, vary) if vary else None
    runner = ModelRunner.of_recording(recording, found.inputs, factory)
    candidates = propose_axes(runner.inputs, found.dims, runner.settings)
    return replace(found, trace=symbolic_trace(runner, found.trace, candidates))


def _options(words: str, rest: list[str]) -> Iterator[tuple[str, str]]:
    """Each option with what stands behind it."""
    waiting = iter(rest)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option not in (SET, INPUT, DIMS, VARY, SYMBOLIC) or (option == SYMBOLIC and equals):
            raise _not_understood(words)
        yield option, value if equals or option == SYMBOLIC else next(waiting, "")


def _pairs(words: str, options: list[tuple[str, str]], wanted: str) -> dict[str, str]:
    """What is said with one of the options, by name."""
    found: dict[str, str] = {}
    for option, pair in options:
        name, equals, value = pair.partition("=")
        if option == wanted:
            if not equals:
                raise _not_understood(words)
            found[name] = value
    return found


def _not_understood(words: str) -> TraceError:
    return TraceError(f'"{words}": behind a target stand {KNOWN}.')


def _in(folder: Path, target: str) -> str:
    """The target with its file, if it names one, in the folder."""
    file, colon, name = target.partition(":")
    return f"{folder / file}{colon}{name}" if file.endswith(".py") else target
