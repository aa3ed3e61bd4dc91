"""Only one module asks PyTorch for private names, and it says so when one is missing."""

from __future__ import annotations

import ast
import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch.fx.graph

from tracer.errors import TraceError
from tracer.from_torch import private_torch

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tracer"


def private_names(file: Path) -> Iterator[str]:
    """The private names of torch that a file imports, or reaches through `torch`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]
        else:
            continue
        yield from (name for name in names if is_private(name))


def is_private(name: str) -> bool:
    """Whether a dotted name leads through a private part of torch; operations may be private."""
    root, *parts = name.split(".")
    is_public = parts[:1] in (["ops"], ["Tensor"])
    private = [part for part in parts if part.startswith("_") and not part.endswith("__")]
    return root == "torch" and not is_public and bool(private)


def test_private_names_are_asked_for_in_one_module() -> None:
    found = {
        file.relative_to(FOLDER).as_posix(): sorted(set(private_names(file)))
        for file in FOLDER.rglob("*.py")
    }
    users = {file: names for file, names in found.items() if names}
    assert set(users) == {"from_torch/private_torch.py"}


def test_every_private_name_is_explained() -> None:
    text = private_torch.__doc__
    constants = [name for name in private_torch.__all__ if name.isupper()]
    undocumented = [name for name in private_torch.__all__ if f"`{name}`" not in (text or "")]
    assert set(undocumented) <= set(constants)


@pytest.fixture
def restored() -> Iterator[None]:
    """Run the module again when PyTorch is whole again."""
    yield
    importlib.reload(private_torch)


@pytest.mark.usefixtures("restored")
def test_a_missing_name_says_which_versions_are_supported() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(torch.fx.graph, "_Namespace")
        with pytest.raises(TraceError) as raised:
            importlib.reload(private_torch)
    message = str(raised.value)
    assert message.startswith("unet-trace supports torch 2.10 and newer, and torch ")
    assert "cannot import name '_Namespace' from 'torch.fx.graph'." in message
    assert 'pip install "torch>=2.10"' in message


@pytest.mark.usefixtures("restored")
def test_a_missing_attribute_says_which_versions_are_supported() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(torch.nn.Module, "_call_impl")
        with pytest.raises(TraceError, match=r"depends on: Module\._call_impl\."):
            importlib.reload(private_torch)


def test_the_oldest_version_is_the_one_that_the_package_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"torch>={private_torch.MINIMUM_TORCH}" in project["dependencies"]
