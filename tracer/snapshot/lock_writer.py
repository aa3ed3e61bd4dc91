"""The text of a lock file: YAML in which each block and each skip has one line.

The order is that of the calls, and no line depends on another, so that a change of a model is a
small difference in a review. Equal blueprints give equal texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from tracer.snapshot.block_text import block_text
from tracer.snapshot.model import LawSpec, Snapshot
from tracer.snapshot.skip_text import skip_text

LOCK_FORMAT: Final = "unet-trace-lock/1"
"""What the field `format` says in a lock file that this version writes."""

PLAIN_KEY = re.compile(r"[A-Za-z_]\w*(\.\w+)*(@\d+)?", re.ASCII)
PLAIN_TEXT = re.compile(r"[A-Za-z_(][^:#'\"\\\n\t]*", re.ASCII)
LOCK_HEADER = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""What YAML takes for something other than a text."""


def to_lock(drawn: Snapshot) -> str:
    """The text of a lock file."""
    return "\n".join(_lines(drawn)) + "\n"


def _lines(drawn: Snapshot) -> Iterator[str]:
    yield "# The shapes of a model, one line for each block and each skip."
    yield "# Written by `unet-trace lock`, compared by `unet-trace check`."
    yield f"format: {LOCK_FORMAT}"
    yield f"target: {_text(drawn.target)}"
    yield f"model: {_text(block_text(drawn.model))}"
    yield from _totals(drawn)
    if drawn.law:
        yield from _law(drawn.law)
    yield "skips:  # in the order of the pushes" if drawn.skips else "skips: []"
    yield from (f"  - {_text(skip_text(skip))}" for skip in drawn.skips)
    yield "blocks:  # in the order of the calls" if drawn.blocks else "blocks: {}"
    yield from (f"  {_key(block.call)}: {_text(block_text(block))}" for block in drawn.blocks)


def _totals(drawn: Snapshot) -> Iterator[str]:
    yield "totals:"
    yield f"  blocks: {len(drawn.blocks)}"
    yield f"  parameters: {drawn.model.parameters}"
    yield f"  buffers: {drawn.buffers}"
    flops = drawn.model.flops
    if flops is not None:
        yield f"  flops: {flops if isinstance(flops, int) else _text(flops)}"


def _law(law: LawSpec) -> Iterator[str]:
    """The names of sizes, then what each of them has to be."""
    yield "inputs:  # with names for the sizes that may vary" if law.axes else "inputs: {}"
    for name, axes in law.axes.items():
        yield f"  {_key(name)}: {_text(' '.join(axes))}"
    yield "law:  # what these sizes have to be" if law.rules else "law: {}"
    yield from (f"  {_key(name)}: {_text(rule)}" for name, rule in law.rules.items())


def _key(text: str) -> str:
    plain = PLAIN_KEY.fullmatch(text) and text.lower() not in LOCK_HEADER
    return text if plain else json.dumps(text, ensure_ascii=False)


def _text(text: str) -> str:
    plain = PLAIN_TEXT.fullmatch(text) and text.lower() not in LOCK_HEADER and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)
