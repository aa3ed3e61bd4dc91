"""Shapes in pytest: traces by the names of their models, lock files, and what differs from them.

    @pytest.mark.shape_targets("my_unet.py:UNet", "my_unet.py:UNet --set ch=64")
    def test_shapes(shape_trace, shape_lock):
        tracer.assert_shapes(shape_trace, {"in:": "b 3 h w, b", "out:": "b 3 h w"})
        assert shape_trace == shape_lock("unet.shapes.yaml")

Every run of pytest imports this module, also in projects that have a `tracer.py` of their own. So
it imports nothing of `tracer` until a test asks for a fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from unet_trace.own_packages import OwnPackageError, import_own, is_imported, obstacle

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.testing.shape_locks import ShapeLock
    from tracer.testing.traced_targets import TracedTargets

MARKER: Final = "shape_targets"
UPDATE_OPTION: Final = "--shape-lock-update"
EXPLANATION: Final = pytest.StashKey[list[str]]()
VERBOSITY_FOR_ALL: Final = 2
"""The verbosity at which differences that follow from others are listed, too: `-vv`."""
TARGETS: Final = pytest.StashKey["TracedTargets"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that writes lock files."""
    group = parser.getgroup("unet-trace", "shapes of models")
    group.addoption(
        UPDATE_OPTION,
        action="store_true",
        help="write the lock files that tests compare traces with",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(*targets): run the test with a `shape_trace` of each target, written as for "
        "`unet-trace show`",
    )


def pytest_report_header() -> list[str]:
    """Say that the fixtures are disabled, and why."""
    sentence = obstacle("tracer")
    return [f"unet-trace is disabled: {sentence}"] if sentence else []


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
    found = _traced_targets(request.config).find(target)
    if isinstance(found, str):
        pytest.fail(found, pytrace=False)
    if isinstance(found, Exception):
        if request.config.getoption("fulltrace"):
            raise found
        pytest.fail(_failure_text(found), pytrace=False)
    return found


@pytest.fixture
def shape_lock(request: pytest.FixtureRequest) -> Callable[[str | Path], ShapeLock]:
    """A lock file by its path from the folder of the test, to be compared with a trace."""
    targets = _traced_targets(request.config)
    from tracer.testing.shape_locks import ShapeLock

    folder, update = request.path.parent, bool(request.config.getoption(UPDATE_OPTION))
    return lambda path: ShapeLock(folder / path, update, targets.size_rules)


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """What tells two traces from each other, or a trace from a lock file."""
    if op != "==" or not is_imported("tracer"):
        return None
    from tracer.testing.shape_locks import explain_difference

    lines = explain_difference(left, right, every=config.get_verbosity() >= VERBOSITY_FOR_ALL)
    if lines is not None:
        config.stash[EXPLANATION] = lines
    return lines


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the whole table of differences into the message, of which pytest shows a few lines."""
    lines = item.config.stash.get(EXPLANATION, None)
    if call.excinfo is not None and lines is not None:
        del item.config.stash[EXPLANATION]
        error = call.excinfo.value
        before, start, _ = str(error).partition(f"assert {lines[0]}")
        if start:
            error.args = (before + start + "".join(f"\n  {line}" for line in lines[1:]),)
    return (yield)


def _failure_text(error: Exception) -> str:
    """What a model raised, and the note that says where."""
    from tracer.errors import error_line

    notes = getattr(error, "__notes__", ())
    return "\n".join((error_line(error), *notes, "For the traceback, run: pytest --full-trace"))


def _traced_targets(config: pytest.Config) -> TracedTargets:
    """The traces of this run. Fails the test if `tracer` of unet-trace cannot be imported."""
    if TARGETS not in config.stash:
        try:
            module = import_own("tracer.testing.traced_targets")
        except OwnPackageError as error:
            pytest.fail(f"unet-trace is disabled: {error}", pytrace=False)
        announce = _announcer(config) if config.getoption(UPDATE_OPTION) else None
        config.stash[TARGETS] = module.TracedTargets(config.rootpath, announce)
    return config.stash[TARGETS]


def _announcer(config: pytest.Config) -> Callable[[str], None]:
    """Returns a function that writes a line to standard error, which pytest does not capture."""
    capture = config.pluginmanager.getplugin("capturemanager")
    reporter = config.pluginmanager.getplugin("terminalreporter")

    def announce(text: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            if reporter:
                reporter.ensure_newline()  # below the names of tests and their dots
            sys.stderr.write(f"unet-trace: {text}\n")
            sys.stderr.flush()

    return announce
