"""What a target names is found in files, packages and modules, as Python itself would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.from_torch.targets.import_object import find_object


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def test_a_name_in_a_file_by_itself(here: Path) -> None:
    write(here, "model.py", UNET)
    assert find_object("model.py:UNet").__name__ == "UNet"


def test_a_name_below_a_name(here: Path) -> None:
    write(here, "model.py", UNET)
    assert find_object("model.py:UNet.forward").__name__ == "forward"


def test_a_file_may_import_the_file_beside_it(here: Path) -> None:
    write(here, "nets/parts.py", UNET)
    write(here, "nets/model.py", "from parts import UNet")
    assert find_object("nets/model.py:UNet").__module__ == "parts"


def test_a_file_in_a_package_may_import_relatively(here: Path) -> None:
    write(here, "nets/unets/__init__.py")
    write(here, "nets/unets/parts.py", UNET)
    write(here, "nets/unets/model.py", "from .parts import UNet")
    assert find_object("nets/unets/model.py:UNet").__module__ == "unets.parts"


def test_the_init_file_of_a_package_is_the_package(here: Path) -> None:
    write(here, "unets/__init__.py", UNET)
    assert find_object("unets/__init__.py:UNet").__module__ == "unets"


def test_a_module_of_the_working_folder(here: Path) -> None:
    write(here, "unets/__init__.py")
    write(here, "unets/model.py", UNET)
    assert find_object("unets.model:UNet").__module__ == "unets.model"


def test_a_file_may_have_the_name_of_a_module_of_python(here: Path) -> None:
    before = sys.modules["types"]
    write(here, "types.py", UNET)
    assert find_object("types.py:UNet").__name__ == "UNet"
    assert sys.modules["types"] is before


def test_a_file_may_have_a_name_that_is_none_in_python(here: Path) -> None:
    write(here, "my-model.py", UNET)
    assert find_object("my-model.py:UNet").__name__ == "UNet"


def test_a_file_is_run_once(here: Path) -> None:
    write(here, "model.py", "thing = object()")
    assert find_object("model.py:thing") is find_object("model.py:thing")


def test_a_file_may_hold_a_dataclass(here: Path) -> None:
    text = "import dataclasses\n@dataclasses.dataclass\nclass Config:\n    ch: 'int' = 8"
    write(here, "config.py", text)
    assert find_object("config.py:Config")().ch == 8


def test_a_file_that_fails_is_not_kept(here: Path) -> None:
    write(here, "model.py", "1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        find_object("model.py:UNet")
    assert "model" not in sys.modules
