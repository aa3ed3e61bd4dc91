"""The commands and the public functions, as they describe themselves.

The pages of the site are generated from what these functions return, so that a page cannot say
anything else than ``--help`` and ``help()`` do.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import click

import tracer
from tracer.cli.app import unet_trace

PROGRAM = "unet-trace"
SECTION = re.compile(r"^(Args|Returns|Raises|Attributes):$", re.MULTILINE)
EXAMPLE = re.compile(r"^(?:Example:\n)?(?=\s*>>> )", re.MULTILINE)
PARAGRAPH = re.compile(r"\n\n(?=\S)")
"""Where the indented entries of a section end."""


def commands() -> list[dict[str, Any]]:
    """Return every command: its usage, its help, its examples and its options."""
    parent = click.Context(unet_trace, info_name=PROGRAM)
    return [_command(name, parent) for name in unet_trace.list_commands(parent)]


def _command(name: str, parent: click.Context) -> dict[str, Any]:
    command = unet_trace.commands[name]
    context = click.Context(command, info_name=name, parent=parent)
    text, _, examples = (command.help or "").partition("\b")
    summary, _, rest = text.strip().partition("\n\n")
    rows = [one.get_help_record(context) for one in command.get_params(context)]
    return {
        "name": name,
        "usage": f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}",
        "summary": " ".join(summary.split()),
        "text": rest.strip(),
        "examples": inspect.cleandoc(examples),
        "options": [row for row in rows if row],
    }


def functions() -> list[dict[str, Any]]:
    """Return every public name that is not another name of one: its signature and docstring."""
    found = {name: getattr(tracer, name) for name in tracer.__all__ if "ipython" not in name}
    return [_documented(name, value) for name, value in found.items() if value.__name__ == name]


def _documented(name: str, value: Any) -> dict[str, Any]:
    text = inspect.getdoc(value) or ""
    text, *example = EXAMPLE.split(text, maxsplit=1)
    first, *rest = SECTION.split(text)
    summary, _, more = first.strip().partition("\n\n")
    bodies = [PARAGRAPH.split(body, maxsplit=1) for body in rest[1::2]]
    return {
        "name": name,
        "kind": "class" if inspect.isclass(value) else "function",
        "signature": _signature(value) if not inspect.isclass(value) else "",
        "summary": " ".join(summary.split()),
        "text": more.strip(),
        "sections": [
            {"title": title, "entries": _entries(body)}
            for title, (body, *_) in zip(rest[::2], bodies, strict=True)
        ],
        "remark": "\n\n".join(text.strip() for _, *after in bodies for text in after),
        "example": inspect.cleandoc("\n".join(example)),
    }


def _signature(value: Any) -> str:
    """The parameters of a function, without the modules of their types."""
    text = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", str(inspect.signature(value)))
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)  # annotations, and not the default ''


def _entries(body: str) -> list[tuple[str, str]]:
    """Each entry of a section: what it is about, empty for a plain sentence, and its text."""
    found: list[tuple[str, str]] = []
    for line in inspect.cleandoc(body).splitlines():
        head, colon, rest = line.partition(": ")
        if not line.startswith(" ") and colon and " " not in head:
            found.append((head, rest))
        elif line.strip():
            before = found.pop() if found else ("", "")
            found.append((before[0], f"{before[1]} {line.strip()}".strip()))
    return found
