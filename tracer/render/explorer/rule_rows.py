"""The rules of sizes as rows of a document, with what stops the model at sizes that break them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.analysis.levels.numbered_skips import NumberedSkip
from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.size_rules import Cause, Rule, SizeRules
from tracer.record import Dim, Trace
from tracer.render.explorer.interning import NOTHING
from tracer.render.tables.failing_size import error_sentences
from tracer.render.words.cause_phrases import CAUSE_PHRASES
from tracer.sizing.failure_cause import kind_of


@dataclass(frozen=True)
class RuleWriter:
    """Writes rules.

    Attributes:
        trace: The trace at sizes that work.
        numbered: Its skips.
        blocks: The numbers of blocks by their calls.
        files: The numbers of files by their names.
    """

    trace: Trace
    numbered: Sequence[NumberedSkip]
    blocks: Mapping[str, int]
    files: Mapping[str, int]

    def rows(self, rules: SizeRules) -> list[dict[str, Any]]:
        """Return the rules in their order."""
        return [self.rule(rule) for rule in rules.rules]

    def rule(self, rule: Rule) -> dict[str, Any]:
        return {
            "name": rule.name,
            "given": rule.given,
            "multiple": rule.multiple,
            "remainders": sorted({rule.remainder, *rule.also}),
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "exceptions": list(rule.exceptions),
            "partial": rule.partial,
            "tied": rule.tied_to,
            "obstacles": [self.obstacle(rule, cause) for cause in rule.causes],
        }

    def obstacle(self, rule: Rule, cause: Cause) -> dict[str, Any]:
        mismatch, step = cause.mismatch, self.step(cause)
        skip = [one for one in self.numbered if step is not None and one.link.popped == step]
        row = {
            "size": cause.size,
            "common": kind_of(rule, cause.size),
            "block": self.blocks.get(cause.at.block, NOTHING),
            "op": cause.op or "",
            "step": NOTHING if step is None else step,
            "file": self.files.get(cause.at.file or "", NOTHING),
            "line": cause.at.line or 0,
            "left": [],
            "right": [],
            "axis": NOTHING,
            "rounding": None,
            "skip": skip[0].number - 1 if len(skip) == 1 else NOTHING,
            "text": {} if mismatch else _texts(cause),
        }
        if mismatch is not None:
            joined = _with_size(mismatch.skip.shape, mismatch.axis, mismatch.sizes[0])
            both = [joined, list(mismatch.other.shape)]
            if len(skip) == 1 and skip[0].link.operands[0] == skip[0].link.joined:
                both.reverse()  # as in the code
            row |= {"left": both[0], "right": both[1], "axis": mismatch.axis}
            row["rounding"] = self.rounding(mismatch)
        return row

    def rounding(self, mismatch: ShapeMismatch) -> dict[str, Any] | None:
        """How the sizes came to differ: the block that rounded one, with the size before and after
        it, and the block that made of that what was joined."""
        found = mismatch.rounding
        if found is None:
            return None
        return {
            "block": self.blocks.get(found.at.block, NOTHING),
            "before": found.before,
            "after": found.after,
            "grown_in": self.blocks.get(mismatch.other_origin.block, NOTHING),
            "grown": mismatch.sizes[1],
        }

    def step(self, cause: Cause) -> int | None:
        """The operation that failed, if the model runs the same one there where it works."""
        steps = self.trace.steps
        same = cause.steps < len(steps) and cause.op is not None
        return cause.steps if same and steps[cause.steps].op == cause.op else None


def _texts(cause: Cause) -> dict[str, str]:
    """Why it failed, in each language."""
    return {
        language: "\n".join(error_sentences(cause, phrases))
        for language, phrases in CAUSE_PHRASES.items()
    }


def _with_size(shape: tuple[Dim, ...], axis: int, size: int) -> list[Dim]:
    """A shape as it was when it was joined: what was pushed may have been padded since."""
    return [size if number == axis else one for number, one in enumerate(shape)]
