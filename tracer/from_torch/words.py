"""A trace of what the words of a command name: ``my_unet.py:UNet --set ch=64``."""

from __future__ import annotations

import shlex
from itertools import zip_longest
from pathlib import Path

from tracer.errors import TraceError
from tracer.from_torch.convert import to_trace
from tracer.from_torch.failure import note
from tracer.from_torch.load import Request, load_target, record_target
from tracer.from_torch.symbolic import to_symbolic
from tracer.record import Trace

OPTIONS, SYMBOLIC = ("--set", "--input"), "--symbolic"


def trace_of(words: str, folder: Path = Path()) -> Trace:
    """The trace of a target, with ``--set``, ``--input``, ``--symbolic`` as for `unet-trace show`.

    Files are looked for in `folder`. An exception that the model raises reaches the caller as it
    is, with a note. Raises TraceError for words that name nothing to be traced.
    """
    target, *rest = shlex.split(words) or [""]
    pairs = [word for word in rest if word != SYMBOLIC]
    settings, inputs = (_pairs(words, pairs, option) for option in OPTIONS)
    loaded = load_target(Request(_in(folder, target), settings, inputs))
    recording, number = record_target(loaded)
    trace = to_trace(recording, words)
    if recording.failure is not None:
        recording.failure.error.add_note(note(recording.failure, trace))
        raise recording.failure.error
    if SYMBOLIC in rest:
        return to_symbolic(recording, loaded.proposals[number].inputs, trace)
    return trace


def _pairs(words: str, rest: list[str], wanted: str) -> dict[str, str]:
    """What stands behind one of the options, by name."""
    found: dict[str, str] = {}
    for option, pair in zip_longest(rest[::2], rest[1::2], fillvalue=""):
        name, equals, value = pair.partition("=")
        if option not in OPTIONS or not equals:
            raise TraceError(
                f'"{words}": behind a target stand --set NAME=VALUE, --input NAME=SHAPE and '
                "--symbolic."
            )
        if option == wanted:
            found[name] = value
    return found


def _in(folder: Path, target: str) -> str:
    """The target with its file, if it names one, in the folder."""
    file, colon, name = target.partition(":")
    return f"{folder / file}{colon}{name}" if file.endswith(".py") else target
