"""The command that says what a saved trace looks like."""

from __future__ import annotations

import json

from tracer.cli.output import Destination, write_text


def run(destination: Destination) -> int:
    """Write the JSON Schema of a saved trace."""
    from tracer.store import schema

    write_text(json.dumps(schema(), indent=2) + "\n", destination.path)
    return 0
