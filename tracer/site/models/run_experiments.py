"""Runs the experiments of the site: programs in its docs, each in a process of its own.

An experiment is a function without arguments that returns plain data and the dataclasses of
`tracer.record`. What it returned is cached as the results of models are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import msgspec

from tracer.errors import SiteError, error_line
from tracer.site.content.site_config import Experiment
from tracer.site.models.cache import CachedRecord, ResultCache
from tracer.site.models.file_dependencies import record_reads, states_of_read_files
from tracer.site.worker_processes import worker_pool

RecordsLater = Callable[[], dict[str, bytes]]
"""Waits for experiments, and returns what they recorded, as JSON, by their names."""


@contextmanager
def running_experiments(
    experiments: Sequence[Experiment], docs: Path, cache_folder: Path
) -> Iterator[RecordsLater]:
    """Start experiments, and give a function that returns what they recorded, as JSON, by name.

    They run beside whatever is done inside the `with` block; after an exception they end at once.

    Args:
        experiments: The experiments to run, unless what they recorded is still valid.
        docs: The folder that their files are in.
        cache_folder: Where records are cached for the next build.

    Raises:
        SiteError: When the records are asked for: an experiment fails, or its process was killed.
    """
    cache = ResultCache(cache_folder, CachedRecord)
    cached = {one.name: cache.get(one) for one in experiments}
    missing = [one for one in experiments if cached[one.name] is None]
    if not missing:
        yield lambda: _records(cached)
        return
    with worker_pool(_workers_for(missing), record_reads) as pool:
        runs = [pool.submit(recorded, one, docs.absolute()) for one in missing]

        def records() -> dict[str, bytes]:
            for experiment, found in zip(missing, _finished(missing, runs), strict=True):
                cache.put(experiment, found)
                cached[experiment.name] = found
            return _records(cached)

        yield records


def _records(found: Mapping[str, CachedRecord | None]) -> dict[str, bytes]:
    return {name: bytes(one.record) for name, one in found.items() if one}


def _workers_for(experiments: Sequence[Experiment]) -> int:
    """How many processes run experiments: half of the processors, as the models run meanwhile."""
    return max(1, min(len(experiments), (os.cpu_count() or 1) // 2))


def _finished(
    experiments: Sequence[Experiment], runs: Sequence[Future[tuple[bytes, dict[str, str]]]]
) -> list[CachedRecord]:
    """What experiments recorded, when all of them have finished."""
    try:
        found = [run.result() for run in runs]
    except BrokenProcessPool:
        names = ", ".join(one.name for one in experiments)
        raise SiteError(
            f"A process that ran one of {names} was killed, probably for lack of memory. "
            "Close other programs and build the site again."
        ) from None
    return [CachedRecord(msgspec.Raw(data), states) for data, states in found]


def recorded(experiment: Experiment, docs: Path) -> tuple[bytes, dict[str, str]]:
    """Return what one experiment returns, as JSON, and the state of every file that was read.

    Raises:
        SiteError: There is no such program or function, or it fails.
    """
    file, _, function = experiment.run.partition(":")
    path = docs / file
    sys.path.insert(0, str(path.parent))
    try:
        data = msgspec.json.encode(getattr(import_module(path.stem), function)())
    except Exception as error:
        raise SiteError(
            f"The experiment {experiment.name}, {experiment.run}, fails: {error_line(error)}"
        ) from None
    finally:
        sys.path.remove(str(path.parent))
    return data, dict(states_of_read_files())
