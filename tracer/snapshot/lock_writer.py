"""Writes a lock file: YAML with one line per block and one line per skip.

Blocks are in the order of their calls, and no line depends on another, so a change of a model is a
small diff in a review. Equal snapshots give equal texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from tracer.escapes import HIDDEN, SURROGATE, visible
from tracer.snapshot.block_text import format_block
from tracer.snapshot.skip_text import format_skip
from tracer.snapshot.specs import SizeRulesSpec, Snapshot

LOCK_FORMAT: Final = "unet-trace-lock/2"
"""The value of the field `format` in a lock file that this version writes."""

PLAIN_KEY = re.compile(r"[A-Za-z_]\w*(\.\w+)*(@\d+)?", re.ASCII)
PLAIN_TEXT = re.compile(r"[A-Za-z_(][^:#'\"\\]*", re.ASCII)
LONGEST_KEY = 1000
"""The most characters of a key before its colon; YAML reads a longer one after a question mark."""
YAML_KEYWORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""Words that YAML reads as something other than a string."""


def to_lock(snapshot: Snapshot) -> str:
    """Return the text of the lock file of a snapshot.

    >>> from tracer.snapshot import BlockSpec, TensorSpec
    >>> image, half = (TensorSpec((1, 3, size, size), "float32") for size in (32, 16))
    >>> model = BlockSpec("", "Net", (image,), (half,), 84)
    >>> conv = BlockSpec("conv", "Conv2d", (image,), (half,), 84)
    >>> print(to_lock(Snapshot("net.py:Net", model, skips=(), blocks=(conv,))), end="")
    # The shapes of a model, one line for each block and each skip.
    # Written by `unet-trace lock`, compared by `unet-trace check`.
    format: unet-trace-lock/2
    target: "net.py:Net"
    model: Net([1 3 32 32]) -> [1 3 16 16]; 84 params
    totals:
      blocks: 1
      parameters: 84
      buffers: 0
    skips: []
    blocks:  # in the order of the calls
      conv: Conv2d([1 3 32 32]) -> [1 3 16 16]; 84 params
    """
    return "\n".join(_lines(snapshot)) + "\n"


def _lines(snapshot: Snapshot) -> Iterator[str]:
    yield "# The shapes of a model, one line for each block and each skip."
    yield "# Written by `unet-trace lock`, compared by `unet-trace check`."
    yield f"format: {LOCK_FORMAT}"
    yield f"target: {_string(snapshot.target)}"
    if snapshot.mode is not None:
        yield f"mode: {snapshot.mode}"
    yield f"model: {_string(format_block(snapshot.model))}"
    yield from _totals(snapshot)
    if snapshot.size_rules:
        yield from _size_rules(snapshot.size_rules)
    yield "skips:  # in the order of the pushes" if snapshot.skips else "skips: []"
    yield from (f"  - {_string(format_skip(skip))}" for skip in snapshot.skips)
    yield "blocks:  # in the order of the calls" if snapshot.blocks else "blocks: {}"
    yield from (
        f"  {_key(block.call)}: {_string(format_block(block))}" for block in snapshot.blocks
    )


def _totals(snapshot: Snapshot) -> Iterator[str]:
    yield "totals:"
    yield f"  blocks: {len(snapshot.blocks)}"
    yield f"  parameters: {snapshot.model.parameters}"
    yield f"  buffers: {snapshot.buffers}"
    flops = snapshot.model.flops
    if flops is not None:
        yield f"  flops: {flops if isinstance(flops, int) else _string(flops)}"


def _size_rules(spec: SizeRulesSpec) -> Iterator[str]:
    """The names of sizes, then the rule for each of them."""
    yield "inputs:  # with names for the sizes that may vary" if spec.axes else "inputs: {}"
    for name, axes in spec.axes.items():
        yield f"  {_key(name)}: {_string(' '.join(axes))}"
    yield "law:  # what these sizes have to be" if spec.rules else "law: {}"
    yield from (f"  {_key(name)}: {_string(rule)}" for name, rule in spec.rules.items())


def _key(text: str) -> str:
    plain = PLAIN_KEY.fullmatch(text) and text.lower() not in YAML_KEYWORDS
    key = text if plain else _quoted(text)
    return key if len(key) <= LONGEST_KEY else f"? {key}\n  "


def _string(text: str) -> str:
    plain = PLAIN_TEXT.fullmatch(text) and not HIDDEN.search(text)
    plain = plain and text.lower() not in YAML_KEYWORDS
    return text if plain and text == text.strip() else _quoted(text)


def _quoted(text: str) -> str:
    """A string in double quotes, in which YAML may hold any character as an escape.

    It may not hold a surrogate, as in the name of a file that is not UTF-8.
    """
    return HIDDEN.sub(_json_escape, json.dumps(SURROGATE.sub(_visible, text), ensure_ascii=False))


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _visible(found: re.Match[str]) -> str:
    return visible(found[0])
