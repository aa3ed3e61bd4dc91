"""The law of sizes that goes into a lock file, and is compared with the one in it."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from tracer.cli.progress import progress
from tracer.cli.stderr import tell
from tracer.cli.targets import LoadedTrace, TargetSpec

if TYPE_CHECKING:
    from tracer.snapshot import SizeRulesSpec


def learnt_law(
    wish: TargetSpec, found: LoadedTrace, known: SizeRulesSpec | None = None
) -> SizeRulesSpec | None:
    """The law of a target; the known one where it cannot be learnt, which is told."""
    if found.loaded is None:
        tell(_unseen(f"{wish.target} is a saved trace, and a law is learnt by running the model"))
        return known
    from tracer.sizing.locked_rules import law_spec

    inputs = found.loaded.proposals[found.proposal].inputs
    dims = wish.formulas.dims if wish.formulas else None
    with progress(f"Running {wish.target} at other sizes"), redirect_stdout(sys.stderr):
        law = law_spec(found.loaded.model, inputs, dims, known)
    if law is None:
        tell(_unseen("the model decides by its numbers, and has to be run on real ones"))
    return law or known


def _unseen(reason: str) -> str:
    return f"The law of sizes was not looked at: {reason}."
