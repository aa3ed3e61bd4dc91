"""Runs what a page explores, in a process of its own, unless a cached result is valid.

The process exists only while it runs one target. So the code of the model is always the current
one, and the files that the run read are known, which decides whether a cached result is valid.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tracer.atomic_write import write_whole
from tracer.errors import SiteError, TraceError, error_line
from tracer.render.explorer.document import ExplorerContent
from tracer.reports import explored
from tracer.session import Session
from tracer.site.models.file_dependencies import (
    are_unchanged,
    environment_key,
    record_reads,
    states_of_read_files,
)
from tracer.site.worker_processes import worker_pool
from tracer.target_spec import TargetSpec


@dataclass(frozen=True, slots=True)
class CachedContent:
    """What is explored, and the state of each file that the run read, by its path."""

    content: ExplorerContent
    dependencies: dict[str, str]


def explored_target(spec: TargetSpec, folder: Path, cache_folder: Path) -> ExplorerContent:
    """Return what an explorer shows of a target.

    Args:
        spec: The target.
        folder: Where its file is looked for.
        cache_folder: Where results are cached for the next build.

    Raises:
        SiteError: The model cannot be built, or fails.
    """
    folder = folder.resolve()
    path = cache_folder / f"explored-{_digest(spec, folder)}.json"
    if cached := _valid(path):
        return cached.content
    try:
        with worker_pool(1, record_reads) as pool:
            content, states = pool.submit(_run, spec, folder).result()
    except BrokenProcessPool:
        raise SiteError(f"The process that ran {spec} was killed.") from None
    except TraceError as error:
        raise SiteError(str(error)) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.encode(CachedContent(content, states)))
    return content


def _valid(path: Path) -> CachedContent | None:
    try:
        cached = msgspec.json.decode(path.read_bytes(), type=CachedContent)
    except (OSError, msgspec.DecodeError):
        return None
    return cached if are_unchanged(cached.dependencies) else None


def _digest(spec: TargetSpec, folder: Path) -> str:
    text = "\0".join((str(spec), str(folder), *environment_key()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _run(spec: TargetSpec, folder: Path) -> tuple[ExplorerContent, dict[str, str]]:
    """What is explored, and the state of every file that this process has read."""
    os.chdir(folder)  # of this process, which runs nothing else
    session = Session.open(spec)
    if session.failure is not None:
        raise SiteError(f"{session.failure.note}\n{error_line(session.failure.error)}")
    content = explored(session)
    return content, dict(states_of_read_files())
