"""What holds for a whole run of the command."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.cli.signals import ReceivedSignals


@dataclass
class RunState:
    """The options and events that every part of a run may have to know.

    Attributes:
        debug: Whether the traceback of an error is shown.
        time_limit: How long models may run in all, in seconds; None is without limit.
        seconds_left: How much of that is left.
        received: The signals that were received.
    """

    debug: bool = False
    time_limit: float | None = None
    seconds_left: float | None = None
    received: ReceivedSignals = field(default_factory=ReceivedSignals)


def current_state() -> RunState:
    """Return the state of the command that is running; that of no command where none is."""
    import click

    context = click.get_current_context(silent=True)
    state = context.find_object(RunState) if context else None
    return state or RunState()
