"""Runs the experiments of the site: programs in its docs, each in a process of its own.

An experiment is a function without arguments that returns plain data and the dataclasses of
`tracer.record`. What it returned is cached as the results of models are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from pathlib import Path

import msgspec

from tracer.errors import SiteError, error_line
from tracer.site.content.site_config import Experiment
from tracer.site.models.cache import CachedRecord, ResultCache
from tracer.site.models.file_dependencies import record_reads, states_of_read_files
from tracer.site.worker_processes import worker_pool


def records_of_experiments(
    experiments: Sequence[Experiment], docs: Path, cache_folder: Path
) -> dict[str, bytes]:
    """Return what experiments recorded, as JSON, by their names.

    Args:
        experiments: The experiments to run, unless what they recorded is still valid.
        docs: The folder that their files are in.
        cache_folder: Where records are cached for the next build.

    Raises:
        SiteError: An experiment fails, or its process was killed.
    """
    cache = ResultCache(cache_folder, CachedRecord)
    cached = {one.name: cache.get(one) for one in experiments}
    missing = [one for one in experiments if cached[one.name] is None]
    for experiment, found in zip(missing, _run_in_processes(missing, docs), strict=True):
        cache.put(experiment, found)
        cached[experiment.name] = found
    return {name: bytes(found.record) for name, found in cached.items() if found}


def _run_in_processes(experiments: list[Experiment], docs: Path) -> list[CachedRecord]:
    """Run each in a process, of which there are as many as processors."""
    if not experiments:
        return []
    workers = min(len(experiments), os.cpu_count() or 1)
    try:
        with worker_pool(workers, record_reads) as pool:
            runs = [pool.submit(recorded, one, docs.absolute()) for one in experiments]
            found = [run.result() for run in runs]
            return [CachedRecord(msgspec.Raw(data), states) for data, states in found]
    except BrokenProcessPool:
        names = ", ".join(one.name for one in experiments)
        raise SiteError(
            f"A process that ran one of {names} was killed, probably for lack of memory. "
            "Close other programs and build the site again."
        ) from None


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
