"""The models that the site shows, run in processes of their own. Only there is torch needed.

So all models run at once, each by the code as it now is, and who only builds pages imports no
torch. A model that would give what it gave the last time is not run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from tracer.site.errors import SiteError
from tracer.site.findings import Findings
from tracer.site.plan import Traced
from tracer.site.remembered import Memory, Remembered
from tracer.site.sources import states, watch


def find_all(traces: Sequence[Traced], folder: Path) -> dict[str, Findings]:
    """What is found of each model, by its name; `folder` is where it is kept for the next time.

    Raises what a model raises, or TraceError for one that cannot be had.
    """
    memory = Memory(folder)
    recalled = [memory.recall(traced) for traced in traces]
    missing = [one for one, known in zip(traces, recalled, strict=True) if known is None]
    found = {traced.name: known for traced, known in zip(traces, recalled, strict=True) if known}
    for traced, one in zip(missing, _run(missing), strict=True):
        memory.keep(traced, one)
        found[traced.name] = one.findings
    return found


def _run(traces: list[Traced]) -> list[Remembered]:
    if not traces:
        return []
    workers = min(len(traces), os.cpu_count() or 1)
    try:
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=watch) as pool:
            return list(pool.map(_found, traces))
    except BrokenProcessPool:
        names = ", ".join(traced.name for traced in traces)
        raise SiteError(
            f"A process that ran one of {names} ended without a word: was there enough memory?"
        ) from None


def _found(traced: Traced) -> Remembered:
    return Remembered(find(traced), states())


def find(traced: Traced) -> Findings:
    """Run a model of the plan at its own sizes, and at others. Raises TraceError if it cannot be.

    It is recorded once, and loaded once: the formulas and the law are of the same recording.
    """
    from tracer.from_torch.convert import to_trace
    from tracer.from_torch.load import Request, load_target, record_target
    from tracer.from_torch.size_law import sizes
    from tracer.from_torch.symbolic import to_symbolic

    loaded = load_target(Request(traced.target, traced.set, traced.inputs))
    recording, number = record_target(loaded)
    if recording.failure is not None:
        raise SiteError(f"The model {traced.name} fails: {recording.failure.error}")
    trace, inputs = to_trace(recording, traced.target), loaded.proposals[number].inputs
    return Findings(
        trace=trace,
        formulas=to_symbolic(recording, inputs, trace),
        law=replace(sizes(loaded.model, inputs), target=traced.target),
    )
