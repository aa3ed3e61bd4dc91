"""Another `tracer` or `reference_model`: on the path, imported, or installed over this one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

import tracer
import unet_trace
from tests.conftest import GOLDEN, ROOT

pytestmark = pytest.mark.slow

FOREIGN = "OWNER = 'somebody else'\n"
UNINSTALLED = "uninstall that one, then run `pip install --force-reinstall --no-deps unet-trace`."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of somebody else, with a `tracer.py` and a `reference_model.py`."""
    for name in ("tracer.py", "reference_model.py"):
        (tmp_path / name).write_text(FOREIGN, encoding="utf-8")
    shutil.copy(GOLDEN / "toy_unet.json", tmp_path / "toy.json")
    return tmp_path


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder that is searched first, before the checkout."""
    paths = f"{folder}:{ROOT}"
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": paths, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_public_names_are_the_same_objects() -> None:
    assert unet_trace.__all__ == tracer.__all__
    names = [*tracer.__all__, "load_ipython_extension"]
    others = [name for name in names if getattr(unet_trace, name) is not getattr(tracer, name)]
    assert others == []
    assert set(tracer.__all__) <= set(dir(unet_trace))
    with pytest.raises(AttributeError, match="module 'unet_trace' has no attribute 'nothing'"):
        unet_trace.nothing  # noqa: B018


def test_the_version_is_that_of_the_distribution() -> None:
    assert unet_trace.__version__ == distribution("unet-trace").version


def test_everything_that_is_loaded_automatically_enters_through_unet_trace() -> None:
    entries = distribution("unet-trace").entry_points
    assert {entry.value.partition(":")[0].partition(".")[0] for entry in entries} == {"unet_trace"}
    assert {entry.group for entry in entries} == {
        "console_scripts",
        "markdown.extensions",
        "mkdocs.plugins",
        "pytest11",
        "unet_trace.presets",
    }


def test_importing_unet_trace_leaves_the_name_tracer_to_others(folder: Path) -> None:
    code = "import unet_trace, unet_trace.pytest_plugin, tracer; print(tracer.OWNER)"
    assert python(folder, "-c", code).stdout == "somebody else\n"


def test_a_foreign_file_that_is_first_on_the_path_is_stepped_past(folder: Path) -> None:
    done = python(folder, "-m", "unet_trace", "stack", "toy.json")
    assert done.returncode == 0, done.stderr
    assert "Last in, first out" in done.stdout
    code = "import unet_trace as tracer; print(len(tracer.load('toy.json').steps) > 0)"
    assert python(folder, "-c", code).stdout == "True\n"


def test_the_presets_are_found_beside_a_foreign_reference_model(folder: Path) -> None:
    done = python(folder, "-m", "unet_trace", "show", "tiny", "--depth", "1")
    assert done.returncode == 0, done.stderr
    assert "conv_in" in done.stdout
    assert "ddpm-cifar10" in python(folder, "-m", "unet_trace", "presets").stdout


@pytest.mark.parametrize("package", ["tracer", "reference_model"])
def test_a_foreign_module_that_was_imported_is_never_replaced(folder: Path, package: str) -> None:
    code = f"""
import {package} as first, sys
from unet_trace.command import main
sys.argv[1:] = ["presets"]
status = main()
assert sys.modules[{package!r}] is first
sys.exit(status)
"""
    done = python(folder, "-c", code)
    assert done.returncode == 2
    place = folder / f"{package}.py"
    sentence = (
        f'another module named "{package}" was imported first ({place}), and unet-trace needs'
    )
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_public_names_say_what_is_in_the_way(folder: Path) -> None:
    done = python(folder, "-c", "import tracer, unet_trace\nunet_trace.trace")
    assert 'OwnPackageError: another module named "tracer" was imported first' in done.stderr


@pytest.mark.parametrize("left", [FOREIGN, None], ids=["overwritten", "removed"])
def test_a_distribution_that_was_installed_over_this_one_is_reported(
    folder: Path, left: str | None
) -> None:
    """Another distribution with a package `tracer`, and that distribution uninstalled again."""
    (folder / "tracer.py").unlink()
    shutil.copytree(ROOT / "unet_trace", folder / "unet_trace")
    (folder / "tracer").mkdir()
    if left is not None:
        (folder / "tracer/__init__.py").write_text(left, encoding="utf-8")
    done = python(folder, "-m", "unet_trace", "--version")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f'Error: the package "tracer" of unet-trace in {folder} was over')
    assert done.stderr.endswith(f"{UNINSTALLED}\n")


def test_mkdocs_is_told_what_is_in_the_way(folder: Path) -> None:
    done = python(folder, "-c", "import tracer, unet_trace.site_plugin")
    assert 'ConfigurationError: another module named "tracer" was imported' in done.stderr
