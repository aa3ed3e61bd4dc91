"""Whose a line of source is: the model's own, or that of PyTorch or of a helper's package."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from tests.from_torch import trap_models
from tracer.from_torch.capture.source.user_source import UserSource, import_path

CODE = """
from torch import nn

class Layer(nn.Module):
    def forward(self, x):
        return x * 2

def helper(x):
    return x
"""


def module_at(path: Path, name: str) -> dict[str, Any]:
    """The names of a module with `CODE` in it that stands at a path."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(CODE, str(path), "exec"), names)
    return names


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A package that is installed in a folder, and counts as imported."""
    found = ModuleType("nets")
    found.__file__ = str(tmp_path / "nets" / "__init__.py")
    monkeypatch.setitem(sys.modules, "nets", found)
    return tmp_path / "nets"


def test_the_file_of_the_models_class_is_its_own(tmp_path: Path) -> None:
    names = module_at(tmp_path / "model.py", "model")
    model = names["Layer"]()
    assert names["helper"].__code__ in UserSource({"": model})


def test_another_file_is_not_its_own(tmp_path: Path) -> None:
    model = module_at(tmp_path / "model.py", "model")["Layer"]()
    other = module_at(tmp_path / "other.py", "other")["helper"]
    assert other.__code__ not in UserSource({"": model})


def test_the_files_of_its_parts_are_its_own(tmp_path: Path) -> None:
    model = module_at(tmp_path / "model.py", "model")["Layer"]()
    part = module_at(tmp_path / "parts" / "layer.py", "layer")["Layer"]()
    assert type(part).forward.__code__ in UserSource({"": model, "part": part})


def test_the_whole_package_of_the_model_is_its_own(package: Path) -> None:
    model = module_at(package / "unet.py", "nets.unet")["Layer"]()
    helper = module_at(package / "deep" / "ops.py", "nets.deep.ops")["helper"]
    assert helper.__code__ in UserSource({"": model})


def test_a_package_with_a_longer_name_is_not_the_models(package: Path) -> None:
    model = module_at(package / "unet.py", "nets.unet")["Layer"]()
    helper = module_at(package.with_name("nets_extra") / "ops.py", "nets_extra.ops")["helper"]
    assert helper.__code__ not in UserSource({"": model})


def test_the_files_of_pytorch_are_nobodys() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    own = UserSource(dict(model.named_modules()))
    assert nn.Linear.forward.__code__ not in own
    assert nn.Sequential.forward.__code__ not in own


def test_a_package_whose_name_begins_with_torch_is_not_pytorch() -> None:
    folder = Path(torch.__file__).parents[1] / "torch_nets"
    model = module_at(folder / "model.py", "model")["Layer"]()
    assert type(model).forward.__code__ in UserSource({"": model})


def test_code_without_a_file_is_nobodys() -> None:
    graph = torch.fx.symbolic_trace(trap_models.Small())
    assert graph.forward.__code__ not in UserSource(dict(graph.named_modules()))


def test_a_file_is_called_as_python_imports_it() -> None:
    assert import_path(trap_models.__file__) == "tests/from_torch/trap_models.py"
    assert import_path(torch.nn.functional.__file__) == "torch/nn/functional.py"


def test_a_file_that_python_does_not_import_from_its_folder_is_called_by_its_name() -> None:
    assert import_path("/nowhere/at/all/model.py") == "model.py"
