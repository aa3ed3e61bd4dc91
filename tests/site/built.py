"""This project's own site: the one that `make docs` built, or one built once for all tests."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from tests.site.toy_site import copy_of_this_project
from tracer.site.build.builder import build_site

VARIABLE = "UNET_TRACE_SITE"


def built_site(factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of the finished site, named in a variable or built by the first caller.

    Other processes wait for the one that builds it.
    """
    if finished := os.environ.get(VARIABLE):
        return Path(finished)
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
