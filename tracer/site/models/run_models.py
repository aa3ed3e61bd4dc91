"""The models that the site shows, run in processes of their own. Only there is torch needed.

So all models run at once, each by the code as it now is, and who only builds pages imports no
torch. A model that would give what it gave the last time is not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tracer.analysis.size_rules import SizeRules
from tracer.errors import SiteError
from tracer.record import Trace
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_config import SiteModel
from tracer.site.models.cache import CachedResults, ResultCache
from tracer.site.models.file_dependencies import (
    FileStates,
    merge_states,
    record_reads,
    states_of_read_files,
)

if TYPE_CHECKING:
    from tracer.from_torch.capture.recording import Recording

T = TypeVar("T")
Run = tuple[Trace, Trace]
"""A trace, in numbers and in formulas."""


def find_all(traces: Sequence[SiteModel], folder: Path) -> dict[str, ModelResults]:
    """What is found of each model, by its name; `folder` is where it is kept for the next time.

    Raises what a model raises, or TraceError for one that cannot be had.
    """
    cache = ResultCache(folder)
    recalled = [cache.get(traced) for traced in traces]
    missing = [one for one, known in zip(traces, recalled, strict=True) if known is None]
    found = {traced.name: known for traced, known in zip(traces, recalled, strict=True) if known}
    for traced, one in zip(missing, _run(missing), strict=True):
        cache.put(traced, one)
        found[traced.name] = one.results
    return found


def _run(traces: list[SiteModel]) -> list[CachedResults]:
    """Run models, each twice at once: most of the time is spent on the laws of their sizes."""
    if not traces:
        return []
    workers = min(2 * len(traces), os.cpu_count() or 1)
    try:
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=record_reads) as pool:
            laws = [pool.submit(_noted, law_of, traced) for traced in traces]
            runs = [pool.submit(_noted, run_of, traced) for traced in traces]
            found = [one.result() for one in runs]  # what is wrong with a model, these tell best
            return [_joined(run, law.result()) for run, law in zip(found, laws, strict=True)]
    except BrokenProcessPool:
        names = ", ".join(traced.name for traced in traces)
        raise SiteError(
            f"A process that ran one of {names} ended without a word: was there enough memory?"
        ) from None


def _noted(find: Callable[[SiteModel], T], traced: SiteModel) -> tuple[T, FileStates]:
    """What is found of a model, and what this process has read."""
    return find(traced), states_of_read_files()


def _joined(run: tuple[Run, FileStates], law: tuple[SizeRules, FileStates]) -> CachedResults:
    (trace, formulas), read = run
    return CachedResults(ModelResults(trace, formulas, law[0]), merge_states(read, law[1]))


def find(traced: SiteModel) -> ModelResults:
    """Run a model at its own sizes, and at others. Raises TraceError if it cannot be."""
    return ModelResults(*run_of(traced), law_of(traced))


def run_of(traced: SiteModel) -> Run:
    """The trace of a model in numbers, and in formulas; both are of the same recording."""
    from tracer.from_torch.capture.convert import to_trace
    from tracer.sizing.symbolic_trace import to_symbolic

    _, recording, inputs = _recorded(traced)
    trace = to_trace(recording, traced.target)
    return trace, to_symbolic(recording, inputs, trace)


def law_of(traced: SiteModel) -> SizeRules:
    """The law of the sizes of a model."""
    from tracer.sizing.rule_search import sizes

    model, _, inputs = _recorded(traced)
    return replace(sizes(model, inputs), target=traced.target)


def _recorded(traced: SiteModel) -> tuple[Any, Recording, Any]:
    """A model, a recording of it, and the inputs that it took."""
    from tracer.from_torch.targets.load import Request, load_target, record_target

    loaded = load_target(Request(traced.target, traced.set, traced.inputs))
    recording, number = record_target(loaded)
    if recording.failure is not None:
        raise SiteError(f"The model {traced.name} fails: {recording.failure.error}")
    return loaded.model, recording, loaded.proposals[number].inputs
