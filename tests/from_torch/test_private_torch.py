"""Only one module asks PyTorch for private names, and it says so when one is missing."""

from __future__ import annotations

import ast
import functools
import importlib
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch.fx.graph

from tracer.errors import TraceError
from tracer.from_torch import private_torch

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tracer"
NOT_TORCH = {"_current_frames", "_get_running_loop", "_set_running_loop", "_getframe", "_is_param"}
"""Private names of Python, and the mark by which the tracer says that a tensor is a parameter."""
FROM_TORCH = FOLDER / "from_torch"


@functools.cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """Everything in a file."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def private_names(file: Path) -> Iterator[str]:
    """The private names of torch that a file imports, or reaches through `torch`."""
    for node in nodes(file):
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


def imported() -> list[tuple[str, str]]:
    """The module and the name of each import from a private part of PyTorch."""
    imports = [
        node
        for node in ast.walk(ast.parse(Path(private_torch.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch.")
    ]
    return [(node.module or "", alias.name) for node in imports for alias in node.names]


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(("module", "name"), imported())
def test_the_message_names_whatever_is_missing(module: str, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(importlib.import_module(module), name)
        with pytest.raises(TraceError, match=f"lacks a private name .*{name}") as raised:
            importlib.reload(private_torch)
    assert f'"torch=={private_torch.NEWEST_TORCH}.*"' in str(raised.value)


@pytest.mark.usefixtures("restored")
def test_attention_on_a_cpu_is_not_needed() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.ops, "aten", types.SimpleNamespace(mm=torch.ops.aten.mm))
        importlib.reload(private_torch)
        assert private_torch.CPU_ATTENTION is None


def test_every_private_attribute_is_asked_for_on_import() -> None:
    listed = {attribute for _, attribute in private_torch.ATTRIBUTES}
    found = {
        file.relative_to(FOLDER).as_posix(): sorted(foreign_attributes(file) - listed - NOT_TORCH)
        for file in FROM_TORCH.rglob("*.py")
    }
    assert {file: names for file, names in found.items() if names} == {}


def foreign_attributes(file: Path) -> set[str]:
    """The private attributes that a file reads from objects of others."""
    read = {
        node.attr
        for node in nodes(file)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not (node.attr.endswith("_") or is_own(node.value))
    }
    return {name for name in read if is_private(f"torch.{name}")} - own_names()


def is_own(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


@functools.cache
def own_names() -> frozenset[str]:
    """The private names of functions and fields that the tracer's own classes define."""
    found = set()
    for file in FROM_TORCH.rglob("*.py"):
        for node in nodes(file):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign):
                found.add(ast.unparse(node.target).removeprefix("self."))
            elif isinstance(node, ast.Assign):
                found.update(ast.unparse(one).removeprefix("self.") for one in node.targets)
    return frozenset(found) - {attribute for _, attribute in private_torch.ATTRIBUTES}


@pytest.mark.usefixtures("restored")
def test_a_missing_attribute_says_which_versions_are_supported() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(torch.nn.Module, "_call_impl")
        with pytest.raises(TraceError, match=r"depends on: Module\._call_impl\."):
            importlib.reload(private_torch)


def test_the_oldest_version_is_the_one_that_the_package_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"torch>={private_torch.MINIMUM_TORCH}" in project["dependencies"]
