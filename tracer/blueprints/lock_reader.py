"""The blueprint that a lock file holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import msgspec

from tracer.blueprints.block_text import block_of
from tracer.blueprints.lock_writer import FORMAT
from tracer.blueprints.parts import Blueprint, LawSpec
from tracer.blueprints.rule_text import rule_of
from tracer.blueprints.skip_text import skip_of

_T = TypeVar("_T")
AGAIN = "write it again with `unet-trace lock`"


class LockFileError(ValueError):
    """A text is no lock file, or none that this version can read; says where, and what to do."""


class Totals(msgspec.Struct):
    """Numbers for the whole model."""

    blocks: int
    parameters: int
    buffers: int
    flops: int | str | None = None


class Head(msgspec.Struct):
    """What is read of a document before anything else."""

    format: str | None = None


class Document(msgspec.Struct):
    """A lock file as it is written."""

    target: str
    model: str
    totals: Totals
    skips: list[str]
    blocks: dict[str, str]
    inputs: dict[str, str] = {}
    law: dict[str, str] | None = None


def from_lock(text: str, origin: str = "the lock file") -> Blueprint:
    """The blueprint of a lock file; `origin` names it in the text of a LockFileError."""
    _check_format(text, origin)
    document = _decoded(text, Document, origin)

    totals = document.totals
    model = _read(document.model, partial(block_of, ""), f"{origin}: model")
    blocks = document.blocks.items()
    return Blueprint(
        target=document.target,
        model=replace(model, parameters=totals.parameters, flops=totals.flops),
        skips=tuple(_read(text, skip_of, f"{origin}: skips") for text in document.skips),
        blocks=tuple(
            _read(text, partial(block_of, call), f"{origin}: blocks: {call}")
            for call, text in blocks
        ),
        buffers=totals.buffers,
        law=_law(document, origin),
    )


def _law(document: Document, origin: str) -> LawSpec | None:
    if document.law is None:
        return None
    for name, text in document.law.items():
        _read(text, partial(rule_of, name), f"{origin}: law: {name}")
    axes = {name: tuple(text.split()) for name, text in document.inputs.items()}
    return LawSpec(axes, document.law)


def _read(text: str, reader: Callable[[str], _T | None], place: str) -> _T:
    """What a line tells of. Raises LockFileError for one that tells nothing."""
    found = reader(text)
    if found is None:
        raise LockFileError(f'{place}: "{text}" is no such line; {AGAIN}.')
    return found


def _check_format(text: str, origin: str) -> None:
    found = _decoded(text, Head, origin).format
    if found is None or not found.startswith("unet-trace-lock/"):
        raise LockFileError(
            f"{origin}: this is no lock file; `unet-trace lock TARGET -o FILE` writes one."
        )
    if found != FORMAT:
        raise LockFileError(
            f'{origin}: the format is "{found}", and this version reads "{FORMAT}"; {AGAIN}.'
        )


def _decoded(text: str, kind: type[_T], origin: str) -> _T:
    try:
        return msgspec.yaml.decode(text, type=kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise LockFileError(
            f"{origin}: {place.strip('.`') or 'the top'}: {reason}; {AGAIN}"
        ) from None
    except msgspec.DecodeError as error:
        raise LockFileError(f"{origin}: this is no YAML: {error}; {AGAIN}.") from None
