"""What holds for a whole run of the command."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class RunState:
    """The options and events that every part of a run may have to know.

    Attributes:
        debug: Whether the traceback of an error is shown.
        seconds_left: How long models may still run; None is without limit.
        received: The numbers of the signals that were received.
    """

    debug: bool = False
    seconds_left: float | None = None
    received: list[int] = field(default_factory=list)


def current_state() -> RunState:
    """Return the state of the command that is running; that of no command where none is."""
    import click

    context = click.get_current_context(silent=True)
    state = context.find_object(RunState) if context else None
    return state or RunState()
