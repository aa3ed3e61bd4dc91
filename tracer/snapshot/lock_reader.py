"""Reads a lock file into a snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec

from tracer.algebra.polynomial import FormulaError, parse
from tracer.errors import shortened
from tracer.plain_yaml import MAX_YAML_LENGTH, YamlError, parse_yaml
from tracer.snapshot.block_text import parse_block
from tracer.snapshot.lock_writer import LOCK_FORMAT
from tracer.snapshot.rule_text import parse_rule
from tracer.snapshot.skip_text import parse_skip
from tracer.snapshot.spec_checks import snapshot_problem
from tracer.snapshot.specs import SizeRulesSpec, Snapshot
from tracer.target_spec import Mode

_T = TypeVar("_T")
WRITE_LOCK_AGAIN = "write it again with `unet-trace lock`, or with `unet-trace check --update`"
FORMER_LOCK_FORMAT: Final = "unet-trace-lock/1"
"""The format of version 0.1, which is still read. It does not say in which mode the model ran."""
FORMAT_LINE = re.compile(r"^format: *[\"']?(?P<format>unet-trace-lock/[^\"'\s]*)", re.MULTILINE)
SIZE_NAME = re.compile(r"[^\W\d]\w*")
MAX_RULES: Final = 256
Count = Annotated[int, msgspec.Meta(ge=0)]
MERGE_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})", re.MULTILINE)


class LockFileError(ValueError):
    """A text is not a lock file that this version can read; the message says where and why."""


class LockTotals(msgspec.Struct):
    """Numbers for the whole model."""

    blocks: Count
    parameters: Count
    buffers: Count
    flops: Count | str | None = None


class LockDocument(msgspec.Struct):
    """The fields of a lock file."""

    target: str
    model: str
    totals: LockTotals
    skips: list[str]
    blocks: dict[str, str]
    mode: Mode | None = None
    inputs: dict[str, str] = {}
    law: dict[str, str] | None = None


def read_lock(path: Path) -> Snapshot:
    """Read a lock file.

    Args:
        path: The file.

    Returns:
        The snapshot that the file holds. Only the model as a whole has FLOPs.

    Raises:
        OSError: The file cannot be read.
        LockFileError: The file is not a lock file, or is damaged.

    >>> from tempfile import TemporaryDirectory
    >>> from tracer.snapshot import BlockSpec, TensorSpec, to_lock
    >>> image = TensorSpec((1, 3, 32, 32), "float32")
    >>> snapshot = Snapshot("net.py:Net", BlockSpec("", "Net", (image,), (image,), 84), (), ())
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "net.shapes.yaml")
    ...     _ = path.write_text(to_lock(snapshot))
    ...     read_lock(path) == snapshot
    True
    """
    return from_lock(_text_of(path), str(path))


def _text_of(path: Path) -> str:
    """The text of a file. Raises LockFileError for one that is too long for a lock file."""
    with path.open("rb") as file:
        data = file.read(MAX_YAML_LENGTH + 1)
    if len(data) > MAX_YAML_LENGTH:
        raise LockFileError(
            f"{path}: not a lock file: it is larger than {MAX_YAML_LENGTH >> 20} MiB."
        )
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def is_damaged(path: Path) -> bool:
    """Whether a lock file cannot be read, because it is damaged or of another version.

    Raises:
        OSError: The file cannot be read.
        LockFileError: The file is not a lock file at all.
    """
    text = _text_of(path)
    try:
        from_lock(text, str(path))
    except LockFileError:
        if FORMAT_LINE.search(text) is None:
            raise
        return True
    return False


def from_lock(text: str, origin: str = "the lock file") -> Snapshot:
    """Parse the text of a lock file.

    Args:
        text: The text, YAML.
        origin: The name of the file in messages.

    Raises:
        LockFileError: The text is not that of a lock file, or contradicts itself.

    >>> from_lock("a: 1", "net.yaml")
    Traceback (most recent call last):
    tracer.snapshot.lock_reader.LockFileError: net.yaml: not a lock file; \
write one with `unet-trace lock TARGET -o FILE`.
    """
    found = _format_of(text, origin)
    document = _decode(text, origin)
    _check_totals(document, origin)
    totals = document.totals
    model = _parse(document.model, partial(parse_block, ""), f"{origin}: model")
    snapshot = Snapshot(
        target=document.target,
        model=replace(model, parameters=totals.parameters, flops=totals.flops),
        skips=tuple(_parse(line, parse_skip, f"{origin}: skips") for line in document.skips),
        blocks=tuple(
            _parse(line, partial(parse_block, call), f"{origin}: blocks: {shortened(call)}")
            for call, line in document.blocks.items()
        ),
        buffers=totals.buffers,
        size_rules=_size_rules(document, origin),
        mode=document.mode,
        older=found != LOCK_FORMAT,
    )
    problem = snapshot_problem(snapshot)
    if problem is not None:
        raise LockFileError(f"{origin}: {problem}; {WRITE_LOCK_AGAIN}.")
    return snapshot


def _format_of(text: str, origin: str) -> str:
    """The format of a lock file. Raises LockFileError if this version does not read it."""
    match = FORMAT_LINE.search(text)
    if match is None:
        raise LockFileError(
            f"{origin}: not a lock file; write one with `unet-trace lock TARGET -o FILE`."
        )
    if match["format"] not in (LOCK_FORMAT, FORMER_LOCK_FORMAT):
        raise LockFileError(
            f'{origin}: the format is "{shortened(match["format"])}", but this version reads '
            f'"{LOCK_FORMAT}"; {WRITE_LOCK_AGAIN}.'
        )
    return match["format"]


def _decode(text: str, origin: str) -> LockDocument:
    try:
        return msgspec.convert(parse_yaml(text), type=LockDocument)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = shortened(place.strip(".`"))
        reason = shortened(reason)
        problem = f"{where}: {reason}" if where else reason
        raise LockFileError(f"{origin}: {problem}; {WRITE_LOCK_AGAIN}.") from None
    except YamlError as error:
        raise LockFileError(f"{origin}{_place_of(error, text)}; {WRITE_LOCK_AGAIN}.") from None


def _place_of(error: YamlError, text: str) -> str:
    """The line at which a text is not YAML, and why."""
    conflict = MERGE_CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        return f", line {line}: unresolved merge conflict"
    return f"{'' if error.line is None else f', line {error.line}'}: {error.problem}"


def _check_totals(document: LockDocument, origin: str) -> None:
    """Raise LockFileError if lines are missing, as after a merge by hand."""
    expected, found = document.totals.blocks, len(document.blocks)
    if expected != found:
        raise LockFileError(
            f"{origin}: totals: {expected:,} blocks expected, {found:,} found; {WRITE_LOCK_AGAIN}."
        )


def _size_rules(document: LockDocument, origin: str) -> SizeRulesSpec | None:
    rules = document.law
    if rules is None:
        return None
    if len(rules) > MAX_RULES:
        raise LockFileError(f"{origin}: law: more than {MAX_RULES} sizes; {WRITE_LOCK_AGAIN}.")
    for name, text in rules.items():
        rule = _parse(text, partial(parse_rule, name), f"{origin}: law: {shortened(name)}")
        if rule.tied_to is not None and rule.tied_to not in rules:
            missing = f"{shortened(name)}: no rule for {shortened(rule.tied_to)}"
            raise LockFileError(f"{origin}: law: {missing}; {WRITE_LOCK_AGAIN}.")
    axes = {name: tuple(text.split()) for name, text in document.inputs.items()}
    for name, formulas in axes.items():
        problem = next(filter(None, (_axis_problem(one, rules) for one in formulas)), None)
        if problem:
            raise LockFileError(
                f"{origin}: inputs: {shortened(name)}: {problem}; {WRITE_LOCK_AGAIN}."
            )
    return SizeRulesSpec(axes, rules)


def _axis_problem(text: str, rules: Mapping[str, str]) -> str | None:
    try:
        unknown = sorted(parse(text).names - rules.keys())
    except FormulaError as error:
        return str(error).rstrip(".")
    return f"no rule for {shortened(unknown[0])} under law" if unknown else None


def _parse(text: str, parser: Callable[[str], _T | None], place: str) -> _T:
    """Parse one line. Raises LockFileError if the parser does not understand it."""
    spec = parser(text)
    if spec is None:
        raise LockFileError(f'{place}: cannot parse "{shortened(text)}"; {WRITE_LOCK_AGAIN}.')
    return spec
