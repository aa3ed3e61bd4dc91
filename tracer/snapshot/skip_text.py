"""A skip as one line of a lock file.

down.0.block.1 -> up.0.block.0; [1 128 32 32]; cat(h 256, skip 128)
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tracer.snapshot.block_text import TENSOR, format_tensors, parse_tensors
from tracer.snapshot.specs import SkipSpec

NOT_JOINED, MODEL_ITSELF = "(not joined)", "(the model)"
"""Written in place of an empty name."""

AMBIGUOUS = re.compile(r'^[(\s]|->|[";,]')
"""In a name, what the line of a skip uses itself; such a name is in quotes."""
SEPARATORS = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in " ;,"})
MAX_SKIP_LENGTH = 50_000
"""Characters of the longest line that is parsed: names are at most thousands of letters long."""
TENSOR_OF_SKIP = re.compile(rf"; (?P<tensor>{TENSOR})")
JOIN_OF_SKIP = re.compile(
    r"(?:; via (?P<via>[^;]+))?(?:; (?P<join>\w+)(?:\((?P<operands>.*)\))?)?", re.DOTALL
)


def format_skip(skip: SkipSpec) -> str:
    """Return a skip as one line.

    >>> from tracer.snapshot.specs import TensorSpec
    >>> image = TensorSpec((1, 128, 32, 32), "float32")
    >>> format_skip(SkipSpec("down.0", "up.0", image, "cat", ("h 256", "skip 128")))
    'down.0 -> up.0; [1 128 32 32]; cat(h 256, skip 128)'
    """
    source, target = skip.source and _quoted(skip.source), skip.target and _quoted(skip.target)
    quoted = replace(skip, source=source, target=target)
    parts = [f"{source_text(quoted)} -> {target_text(quoted)}", format_tensors([skip.tensor])]
    if skip.via:
        parts.append(f"via {', '.join(map(_quoted, skip.via))}")
    if skip.join is not None:
        parts.append(format_join(skip))
    return "; ".join(parts)


def source_text(skip: SkipSpec) -> str:
    """Return the block that a skip comes from, as a person reads it."""
    return skip.source or MODEL_ITSELF


def target_text(skip: SkipSpec) -> str:
    """Return the block that receives a skip, as a person reads it."""
    return NOT_JOINED if skip.join is None else skip.target or MODEL_ITSELF


def format_join(skip: SkipSpec) -> str:
    """Return the join of a skip: ``cat(h 256, skip 128)``, ``add``, ``none``."""
    operands = ", ".join(skip.operands)
    return f"{skip.join or 'none'}({operands})" if operands else skip.join or "none"


def parse_skip(text: str) -> SkipSpec | None:
    """Return the skip that a line describes; None for another line."""
    if len(text) > MAX_SKIP_LENGTH:
        return None
    for tensor in TENSOR_OF_SKIP.finditer(text):
        source, arrow, target = text[: tensor.start()].rpartition(" -> ")
        join = JOIN_OF_SKIP.fullmatch(text, tensor.end())
        if arrow and source.strip() and target.strip() and join is not None:
            return SkipSpec(
                source=_parse_name(source),
                target=_parse_name(target),
                tensor=parse_tensors(tensor["tensor"])[0],
                join=join["join"],
                operands=_parse_list(join["operands"]),
                via=_parse_list(join["via"]),
            )
    return None


def _quoted(name: str) -> str:
    """A name, as a JSON string without blanks and separators if a line could not hold it."""
    if not AMBIGUOUS.search(name):
        return name
    return json.dumps(name, ensure_ascii=False).translate(SEPARATORS)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:  # written before names were quoted
        return text


def _parse_name(text: str) -> str:
    return "" if text in {NOT_JOINED, MODEL_ITSELF} else _unquoted(text)


def _parse_list(text: str | None) -> tuple[str, ...]:
    return tuple(map(_unquoted, text.split(", "))) if text else ()
