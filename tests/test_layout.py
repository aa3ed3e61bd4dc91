"""The layout of the code: one name means one thing, files are short, tests mirror modules."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import ROOT

TRACER = ROOT / "tracer"
TESTS = ROOT / "tests"
ENTRY = ROOT / "unet_trace"
FILES = sorted([*TRACER.rglob("*.py"), *ENTRY.rglob("*.py")])

MEDIAN_LINES, MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_MODULES = 130, 350, 45, 25

ABOUT_MORE_THAN_A_MODULE = {
    "cli/commands/test_lock_and_check.py",
    "cli/commands/test_sizes_and_explain.py",
    "cli/test_another_code_base.py",
    "cli/test_extras.py",
    "cli/test_mode_options.py",
    "cli/test_partial.py",
    "cli/test_progress.py",
    "cli/test_size_and_batch.py",
    "cli/test_symbolic_options.py",
    "from_torch/capture/test_graph_module.py",
    "from_torch/test_lock_files.py",
    "from_torch/test_reference_model.py",
    "notation/test_against_jaxtyping.py",
    "render/explorer/test_browser_formulas.py",
    "render/explorer/test_explorer_script.py",
    "render/test_golden.py",
    "site/test_guide_to_sizes.py",
    "site/test_guide_to_tests.py",
    "site/test_install_page.py",
    "site/test_known_limits.py",
    "site/test_page_weight.py",
    "site/test_snippets.py",
    "site/test_this_site.py",
    "site/test_wording.py",
    "site/test_words.py",
    "site/test_zensical.py",
    "sizing/test_toy_models.py",
    "render/tables/test_cost_report_sentences.py",
    "snapshot/test_lock_file.py",
}
"""Tests that try several modules of a folder together, or the pages of docs/."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names(module: ast.Module) -> Iterator[str]:
    """The classes of a module, and what it assigns to a constant or to the name of a type."""
    yield from (node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef))
    for node in module.body:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or is_type_variable(node.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        found = (part.id for one in targets for part in ast.walk(one) if isinstance(part, ast.Name))
        yield from (name for name in found if name.lstrip("_")[:1].isupper())


def is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) in {"TypeVar", "ParamSpec"}


def test_a_class_a_type_and_a_constant_are_defined_in_one_module() -> None:
    modules = defaultdict(set)
    for path in FILES:
        for name in names(tree(path)):
            modules[name].add(str(path.relative_to(ROOT)))
    double = {name: sorted(found) for name, found in modules.items() if len(found) > 1}
    assert double == {}


def test_a_module_name_is_used_once() -> None:
    count = Counter(path.stem for path in FILES if not path.stem.startswith("__"))
    assert {name for name, times in count.items() if times > 1} == set()


def test_files_are_short() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in FILES}
    assert median(lines.values()) < MEDIAN_LINES
    assert {name for name, count in lines.items() if count > MOST_LINES} == set()


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if node.end_lineno is not None
        if node.end_lineno - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_no_folder_is_a_heap() -> None:
    modules = Counter(path.parent for path in FILES if path.stem != "__init__")
    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}


def test_no_public_function_bears_the_name_of_a_module_beside_it() -> None:
    """Neither where it is defined, nor where a package exports it."""
    shadowed = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        for name in functions(tree(path)) | exported(path)
        if name in modules_of(path.parent)
    }
    assert shadowed == set()


def functions(module: ast.Module) -> set[str]:
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


def exported(path: Path) -> set[str]:
    """The names that a package takes from its modules."""
    if path.stem != "__init__":
        return set()
    imports = [node for node in tree(path).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def modules_of(folder: Path) -> set[str]:
    """The modules and packages of a folder; one that only holds compiled files is none."""
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    return packages | {path.stem for path in folder.glob("*.py")}


def mirrored(test: Path) -> bool:
    """Whether there is the module or the package that a test is named after."""
    package, name = TRACER / test.parent, test.stem.removeprefix("test_")
    is_package = package.name == name or (package / name / "__init__.py").exists()
    return is_package or (package / f"{name}.py").exists()


@pytest.mark.parametrize(
    "folder", sorted(path.parent.name for path in TRACER.glob("*/__init__.py"))
)
def test_tests_are_where_their_module_is(folder: str) -> None:
    tests = [path.relative_to(TESTS) for path in (TESTS / folder).rglob("test_*.py")]
    lost = {path.as_posix() for path in tests if not mirrored(path)}
    known = {name for name in ABOUT_MORE_THAN_A_MODULE if name.startswith(f"{folder}/")}
    assert lost == known


def test_tests_of_the_entry_are_where_their_module_is() -> None:
    modules = {path.stem for path in ENTRY.glob("*.py")}
    tests = {path.stem.removeprefix("test_") for path in (TESTS / ENTRY.name).glob("test_*.py")}
    assert tests <= modules
