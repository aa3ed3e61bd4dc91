"""Shapes in pytest: traces by the names of their models, lock files, and what differs from them.

    @pytest.mark.shape_targets("my_unet.py:UNet", "my_unet.py:UNet --set ch=64")
    def test_shapes(shape_trace, shape_lock):
        tracer.assert_shapes(shape_trace, {"in:": "b 3 h w, b", "out:": "b 3 h w"})
        assert shape_trace == shape_lock("unet.shapes.yaml")

This module is imported by every run of pytest: it imports torch only when a trace is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.session import Session
    from tracer.snapshot import SizeRulesSpec
    from tracer.testing.shape_locks import ShapeLock

MARKER: Final = "shape_targets"
UPDATE_OPTION: Final = "--shape-lock-update"
TRACES: Final = pytest.StashKey[dict[str, "Trace"]]()
SESSIONS: Final = pytest.StashKey[dict[int, "Session"]]()
"""The session that made each trace, by the id of the trace."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that writes lock files."""
    group = parser.getgroup("unet-trace", "shapes of models")
    group.addoption(
        UPDATE_OPTION,
        action="store_true",
        help="write the lock files that tests compare traces with",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker, and the traces that were made."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*targets): run the test with a `shape_trace` of each target, written as for "
        "`unet-trace show`",
    )
    config.stash[TRACES] = {}
    config.stash[SESSIONS] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each target of the marker."""
    marker = metafunc.definition.get_closest_marker(MARKER)
    if marker is not None and "shape_trace" in metafunc.fixturenames:
        metafunc.parametrize("shape_trace", marker.args, indirect=True, ids=marker.args)


@pytest.fixture
def shape_trace(request: pytest.FixtureRequest) -> Trace:
    """The trace of the target that the marker names; each is traced once in a run."""
    target = getattr(request, "param", None)
    if target is None:
        pytest.fail(f'name what to trace: @pytest.mark.{MARKER}("my_unet.py:UNet")', pytrace=False)
    traces = request.config.stash[TRACES]
    if target not in traces:
        traces[target] = _traced(target, request.config)
    return traces[target]


@pytest.fixture
def shape_lock(request: pytest.FixtureRequest) -> Callable[[str | Path], ShapeLock]:
    """A lock file by its path from the folder of the test, to be compared with a trace."""
    from tracer.testing.shape_locks import ShapeLock

    folder, config = request.path.parent, request.config
    update = bool(config.getoption(UPDATE_OPTION))
    return lambda path: ShapeLock(folder / path, update, partial(_size_rules, config))


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """What tells two traces from each other, or a trace from a lock file."""
    from tracer.testing.shape_locks import explain_difference

    return explain_difference(left, right) if op == "==" else None


def _traced(target: str, config: pytest.Config) -> Trace:
    from tracer.errors import TraceError
    from tracer.session import Session

    try:
        session = Session.open(target, folder=config.rootpath)
        trace = session.trace
    except TraceError as error:
        pytest.fail(str(error), pytrace=False)
    config.stash[SESSIONS][id(trace)] = session
    return trace


def _size_rules(
    config: pytest.Config, trace: Trace, known: SizeRulesSpec | None
) -> SizeRulesSpec | None:
    """The size rules of what a trace was made of; None for one that was not made by running it."""
    session = config.stash[SESSIONS].get(id(trace))
    if session is None or session.spec.is_saved_trace:
        return None
    return session.locked_rules(known)
