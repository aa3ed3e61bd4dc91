"""What all tests share: hypothesis profiles, the order of tests, golden files."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sys
import sysconfig
from collections.abc import Callable, Generator, Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tracer.gc_pause import gc_paused

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
UPDATE = "--update-golden"
NIGHTLY = 20
"""How many times as many examples hypothesis draws in `make nightly`."""

UNUSED_PLUGINS = "-p no:hypothesispytest -p no:jaxtyping"
"""What tests add, as PYTEST_ADDOPTS, where they start pytest: it takes a second to import these."""

Golden = Callable[[str, str], None]

# Read by PyTorch on import, here and in the processes that tests start. The models of the tests are
# so small that threads would wait for each other longer than they work.
os.environ["OMP_NUM_THREADS"] = "1"


# What a shell runs in the background ignores Ctrl-C, and so would the processes that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Registers what hypothesis draws; it reads `--hypothesis-profile` (make nightly) afterwards.

    No test depends on how busy the machine is: there are no deadlines, and drawing may be slow.
    """
    untimed = settings(
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    settings.register_profile("ci", untimed, derandomize=True)
    settings.register_profile("nightly", untimed, derandomize=False, max_examples=100 * NIGHTLY)
    settings.load_profile("ci")


def examples(count: int) -> settings:
    """Settings for a test that draws few examples: `count`, and more of them in `make nightly`."""
    nightly = settings.get_current_profile_name() == "nightly"
    return settings(max_examples=count * NIGHTLY if nightly else count)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(UPDATE, action="store_true", help="rewrite the files in tests/golden")


# ------------------------------------------------------------------------- the garbage collector


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Pauses the collector: half a million objects are made, PyTorch's and the tests', and stay."""
    with gc_paused():
        return (yield)


# ------------------------------------------------------------------------- the tests of each worker

MODEL = re.compile(r"\[(.+\.\w+|\w+)")
"""The first parameter in the id of a test: a model's name, or package.model in the zoo."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Sends all tests of one model to one worker, which records the model once.

    Other tests go file by file, so that module-scoped fixtures are set up once. `--dist loadgroup`
    would do the same, but it writes the groups into the ids of tests, where pytest 9.2 no longer
    looks for them; `--dist loadscope` knows files and classes only.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByModel(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            found = MODEL.search(nodeid)
            return found[1] if found else nodeid.partition("::")[0]

    config.option.loadscopereorder = False  # the order of pytest_collection_modifyitems
    return ByModel(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Starts the slow tests first, so that no worker is left with one at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


# -------------------------------------------------------------------------------- no test by chance


@pytest.fixture(autouse=True, scope="session")
def _bundled_graphviz() -> Iterator[None]:
    """Draws with the program that is installed with this package, whatever `dot` is on the path."""
    program = shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.fail("graphviz-pure is not installed: make setup", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNET_TRACE_DOT", program)
        yield


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    """Seeds the global generators before each test, whichever ran before it."""
    random.seed(0)
    if torch := sys.modules.get("torch"):  # its manual_seed asks for every kind of device as well
        torch.default_generator.manual_seed(0)


# ------------------------------------------------------------------------------------- golden files


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with a file, named by its path from tests/golden."""
    update = bool(request.config.getoption(UPDATE))

    def check(name: str, text: str) -> None:
        path = (GOLDEN / name).resolve()
        if update:
            path.write_text(text, encoding="utf-8", newline="")
        trouble = difference(path, text)
        if trouble:
            pytest.fail(trouble, pytrace=False)

    return check


def difference(path: Path, text: str) -> str:
    """How a text differs from a golden file, and what to do about it; empty if they are equal."""
    name = path.relative_to(ROOT)
    cure = f"If the new text is right, run `pytest {UPDATE}` and look at the difference in git."
    if not path.exists():
        return f"{name} does not exist. {cure}"
    expected = path.read_bytes().decode()
    if expected == text:
        return ""
    lines = unified_diff(
        expected.splitlines(), text.splitlines(), f"{name}", "what the code says now", lineterm=""
    )
    return "\n".join([f"{name} is another text.", *lines, cure])
