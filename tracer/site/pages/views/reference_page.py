"""The commands and the public names as they describe themselves, ready for their templates."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """What ``--help`` says of one command. `options` are pairs of an option and its text."""

    name: str
    usage: str
    summary: str
    text: str
    examples: str
    options: tuple[tuple[str, str], ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text, one paragraph each."""
        return tuple(" ".join(one.split()) for one in self.text.split("\n\n") if one.strip())


@dataclass(frozen=True, slots=True)
class DocstringSection:
    """A part of a docstring, such as ``Args``: names, which may be empty, with their texts."""

    title: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PublicName:
    """A function or class with its docstring, taken apart.

    `text` is what is said before the sections, and `remark` what is said after them.
    """

    name: str
    kind: str
    signature: str
    summary: str
    text: str
    sections: tuple[DocstringSection, ...]
    remark: str
    example: str


def command_helps(record: bytes) -> tuple[CommandHelp, ...]:
    """Return the commands of a record, which is JSON."""
    return msgspec.json.decode(record, type=tuple[CommandHelp, ...])


def public_names(record: bytes) -> tuple[PublicName, ...]:
    """Return the public names of a record, functions first."""
    found = msgspec.json.decode(record, type=tuple[PublicName, ...])
    return tuple(sorted(found, key=lambda one: (one.kind != "function", one.name)))
