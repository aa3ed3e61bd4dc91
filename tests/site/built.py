"""This project's own site, built once for all tests of a run that look at it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from tests.site.toy_site import copy_of_this_project
from tracer.site.build.builder import build_site


def built_site(factory: pytest.TempPathFactory) -> Path:
    """The folder of the finished site; whoever asks first builds it, other processes wait."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    project = shared / "this-project"
    with (shared / "this-project.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (project / "site").exists():
            project.mkdir(exist_ok=True)
            build_site(project / "site", copy_of_this_project(project))
    return project / "site"
