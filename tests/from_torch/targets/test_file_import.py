"""A file is imported by its path as its project imports it, whatever its folders are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.from_torch.targets.file_import import find_place, import_file

ATTENTION = "from ldm.util import exists\nfrom ldm.modules.extra import EXTRA"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


@pytest.fixture
def latent(here: Path) -> Path:
    """A project like latent-diffusion: its root is no package, nor is the first of its folders."""
    root = here / "checkout"
    write(root, "ldm/util.py", "def exists(x):\n    return x is not None")
    write(root, "ldm/modules/extra.py", "EXTRA = 1")
    write(root, "ldm/modules/attention.py", ATTENTION)
    write(root, "ldm/modules/diffusionmodules/__init__.py")
    write(root, "ldm/modules/diffusionmodules/util.py", "from ldm.util import exists")
    write(root, "scripts/sample.py")
    text = "from ldm.util import exists\nfrom ldm.modules.attention import EXTRA"
    write(root, "ldm/modules/diffusionmodules/model.py", text, UNET)
    return root


def test_the_root_of_a_project_is_found_by_what_its_files_import(latent: Path) -> None:
    module = import_file(latent / "ldm/modules/diffusionmodules/model.py")
    assert module.__name__ == "ldm.modules.diffusionmodules.model"
    assert str(latent) in sys.path
    assert str(latent / "ldm/modules") not in sys.path
    assert "diffusionmodules" not in sys.modules


def test_the_root_is_found_for_what_imported_files_import(latent: Path) -> None:
    model = write(latent, "ldm/modules/diffusionmodules/net.py", "from .util import exists", UNET)
    assert import_file(model).UNet.__module__ == "ldm.modules.diffusionmodules.net"


def test_folders_that_relative_imports_reach_are_packages(here: Path) -> None:
    write(here, "nets/shared.py", "WIDTH = 8")
    write(here, "nets/unets/parts.py", "from ..shared import WIDTH")
    model = write(here, "nets/unets/model.py", "from .parts import WIDTH", "from .. import shared")
    assert find_place(model).name == "nets.unets.model"
    assert import_file(model).WIDTH == 8


def test_a_file_outside_the_package_that_it_imports_keeps_its_name(latent: Path) -> None:
    script = write(latent, "scripts/run.py", "from ldm.util import exists", UNET)
    assert import_file(script).__name__ == "run"


def test_what_is_not_installed_is_named_with_what_to_do(latent: Path) -> None:
    path = write(latent, "ldm/modules/diffusionmodules/other.py", "import no_such_package_x")
    with pytest.raises(TraceError) as error:
        import_file(path)
    assert str(error.value).splitlines() == [
        f"{path} cannot be imported: ModuleNotFoundError: No module named 'no_such_package_x'",
        "  checkout/ldm/modules/diffusionmodules/other.py:1: import no_such_package_x",
        "no_such_package_x is not installed here: pip install no_such_package_x",
    ]


def test_a_module_of_another_name_than_its_package_is_named_by_the_package(here: Path) -> None:
    path = write(here, "model.py", "raise ModuleNotFoundError('No module', name='cv2')")
    with pytest.raises(TraceError, match="cv2 is not installed here: pip install opencv-python"):
        import_file(path)


def test_a_mistyped_module_is_not_to_be_installed(here: Path) -> None:
    path = write(here, "model.py", "import torc")
    with pytest.raises(TraceError, match=r"There is no module torc here. Did you mean torch\?$"):
        import_file(path)


def test_a_module_that_its_package_lacks_is_named_with_the_folder(latent: Path) -> None:
    path = write(latent, "ldm/modules/diffusionmodules/other.py", "import ldm.data.base")
    with pytest.raises(TraceError) as error:
        import_file(path)
    hint = str(error.value).splitlines()[-1]
    assert hint.startswith(f"There is no ldm.data: ldm, which is in {latent / 'ldm'}")
