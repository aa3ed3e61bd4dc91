"""Runs the models of the site, each in processes of its own; only those import torch.

So all models run in parallel, with their current code, and a build in which nothing has changed
imports no torch. A model whose cached results are valid does not run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from tracer.analysis.size_rules import SizeRules
from tracer.errors import SiteError
from tracer.session import Session
from tracer.site.content.model_results import ModelResults, TracePair
from tracer.site.content.site_config import SiteModel
from tracer.site.models.cache import CachedResults, ResultCache
from tracer.site.models.file_dependencies import (
    FileStates,
    merge_states,
    record_reads,
    states_of_read_files,
)
from tracer.site.worker_processes import worker_pool

_T = TypeVar("_T")


def results_of_models(models: Sequence[SiteModel], cache_folder: Path) -> dict[str, ModelResults]:
    """Return the results of models by their names on the site.

    Args:
        models: The models to run, unless their cached results are valid.
        cache_folder: Where results are cached for the next build.

    Raises:
        SiteError: A model fails, or its process was killed.
        TraceError: A model cannot be built.
    """
    cache = ResultCache(cache_folder, CachedResults)
    cached = {model.name: cache.get(model) for model in models}
    missing = [model for model in models if cached[model.name] is None]
    results = {name: known.results for name, known in cached.items() if known}
    for model, computed in zip(missing, _run_in_processes(missing), strict=True):
        cache.put(model, computed)
        results[model.name] = computed.results
    return results


def _run_in_processes(models: list[SiteModel]) -> list[CachedResults]:
    """Run each model in two processes at once; finding the size rules takes most of the time."""
    if not models:
        return []
    workers = min(2 * len(models), os.cpu_count() or 1)
    try:
        with worker_pool(workers, record_reads) as pool:
            rules = [
                pool.submit(_with_dependencies, size_rules_of, model) if model.sizes else None
                for model in models
            ]
            traces = [pool.submit(_with_dependencies, traces_of, model) for model in models]
            found = [trace.result() for trace in traces]  # these have the clearest error messages
            return [
                _merge(pair, rule.result() if rule else (None, {}))
                for pair, rule in zip(found, rules, strict=True)
            ]
    except BrokenProcessPool:
        names = ", ".join(model.name for model in models)
        raise SiteError(
            f"A process that ran one of {names} was killed, probably for lack of memory. "
            "Close other programs and build the site again."
        ) from None


def _with_dependencies(
    compute: Callable[[SiteModel], _T], model: SiteModel
) -> tuple[_T, FileStates]:
    """A result, and the state of every file that this process has read."""
    return compute(model), states_of_read_files()


def _merge(
    pair: tuple[TracePair, FileStates], rules: tuple[SizeRules | None, FileStates]
) -> CachedResults:
    traces, dependencies = pair
    results = ModelResults(traces.trace, traces.formulas, rules[0])
    return CachedResults(results, merge_states(dependencies, rules[1]))


def results_of(model: SiteModel) -> ModelResults:
    """Return the results of one model, run in this process. Raises SiteError if it fails."""
    traces = traces_of(model)
    rules = size_rules_of(model) if model.sizes else None
    return ModelResults(traces.trace, traces.formulas, rules)


def traces_of(model: SiteModel) -> TracePair:
    """Return the trace of a model with numbers and with formulas, both of one recording."""
    session = _session(model)
    return TracePair(session.trace, session.symbolic())


def size_rules_of(model: SiteModel) -> SizeRules:
    """Return the rules for the input sizes that work."""
    return _session(model).size_rules()


def _session(model: SiteModel) -> Session:
    """A session whose model runs. Raises SiteError if it fails."""
    session = Session.open(model.target, settings=model.set, inputs=model.inputs)
    if session.failure is not None:
        raise SiteError(f"The model {model.name} fails: {session.failure.error}")
    return session
