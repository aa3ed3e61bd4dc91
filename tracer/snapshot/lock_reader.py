"""The blueprint that a lock file holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from tracer.snapshot.block_text import block_of
from tracer.snapshot.lock_writer import LOCK_FORMAT
from tracer.snapshot.model import LawSpec, Snapshot
from tracer.snapshot.rule_text import rule_of
from tracer.snapshot.skip_text import skip_of

_T = TypeVar("_T")
WRITE_LOCK_AGAIN = "write it anew with `unet-trace lock`, or `check` with --update"
LOCK_KEY = re.compile(r'^ +("[^"]+"|[^\s:"]+): ', re.MULTILINE)
LOCK_NAME = re.compile(r"[^\W\d]\w*")
CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)
STAMP = re.compile(r"^format: *[\"']?unet-trace-lock/", re.MULTILINE)


class LockFileError(ValueError):
    """A text is no lock file, or none that this version can read; says where, and what to do."""


def is_lock(text: str) -> bool:
    """Whether a text is a lock file, of whatever version and in whatever state."""
    return STAMP.search(text) is not None


class Totals(msgspec.Struct):
    """Numbers for the whole model."""

    blocks: int
    parameters: int
    buffers: int
    flops: int | str | None = None


class LockHead(msgspec.Struct):
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


def read_lock(path: Path) -> Snapshot:
    """The blueprint of a lock file. Raises LockFileError for a file that is none, or is damaged."""
    return from_lock(path.read_text(encoding="utf-8", errors="replace"), str(path))


def is_damaged(path: Path) -> bool:
    """Whether a file is a lock file that cannot be read: damaged, or of another version.

    Raises LockFileError for one that is no lock file at all.
    """
    try:
        read_lock(path)
    except LockFileError:
        if not is_lock(path.read_text(encoding="utf-8", errors="replace")):
            raise
        return True
    return False


def from_lock(text: str, origin: str = "the lock file") -> Snapshot:
    """The blueprint of a lock file; `origin` names it in the text of a LockFileError."""
    _check_format(text, origin)
    document = _decoded(text, Document, origin)
    _check_sums(document, text, origin)
    totals = document.totals
    model = _read(document.model, partial(block_of, ""), f"{origin}: model")
    blocks = document.blocks.items()
    return Snapshot(
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


def _check_sums(document: Document, text: str, origin: str) -> None:
    """Raise LockFileError where lines are missing or there twice, as after a merge by hand."""
    _, _, below = text.partition("\nblocks:")
    calls = Counter(LOCK_KEY.findall(below))
    twice = next((call for call, count in calls.items() if count > 1), None)
    if twice is not None:
        raise LockFileError(f"{origin}: blocks: {twice} is there twice; {WRITE_LOCK_AGAIN}.")
    said, found = document.totals.blocks, len(document.blocks)
    if said != found:
        raise LockFileError(
            f"{origin}: totals: {said:,} blocks are to be here, and {found:,} are; "
            f"{WRITE_LOCK_AGAIN}."
        )


def _law(document: Document, origin: str) -> LawSpec | None:
    if document.law is None:
        return None
    for name, text in document.law.items():
        _read(text, partial(rule_of, name), f"{origin}: law: {name}")
    axes = {name: tuple(text.split()) for name, text in document.inputs.items()}
    for name, text in document.inputs.items():
        strange = [one for one in LOCK_NAME.findall(text) if one not in document.law]
        if strange:
            raise LockFileError(
                f"{origin}: inputs: {name}: no law for {strange[0]}; {WRITE_LOCK_AGAIN}."
            )
    return LawSpec(axes, document.law)


def _read(text: str, reader: Callable[[str], _T | None], place: str) -> _T:
    """What a line tells of. Raises LockFileError for one that tells nothing."""
    found = reader(text)
    if found is None:
        raise LockFileError(f'{place}: "{text}" is no such line; {WRITE_LOCK_AGAIN}.')
    return found


def _check_format(text: str, origin: str) -> None:
    found = _decoded(text, LockHead, origin).format if is_lock(text) else None
    if found is None or not found.startswith("unet-trace-lock/"):
        raise LockFileError(
            f"{origin}: this is no lock file; `unet-trace lock TARGET -o FILE` writes one."
        )
    if found != LOCK_FORMAT:
        raise LockFileError(
            f'{origin}: the format is "{found}", and this version reads "{LOCK_FORMAT}"; '
            f"{WRITE_LOCK_AGAIN}."
        )


def _decoded(text: str, kind: type[_T], origin: str) -> _T:
    try:
        return msgspec.yaml.decode(text, type=kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = place.strip(".`")
        told = f"{where}: {reason}" if where else reason
        raise LockFileError(f"{origin}: {told}; {WRITE_LOCK_AGAIN}.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise LockFileError(f"{origin}{_unreadable(text, error)}; {WRITE_LOCK_AGAIN}.") from None


def _unreadable(text: str, error: Exception) -> str:
    """Where a text is no YAML, and why."""
    conflict = CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        return f", line {line}: a conflict of a merge was left here"
    mark = getattr(error.__context__, "problem_mark", None)
    return (f", line {mark.line + 1}" if mark else "") + ": this is no YAML"
