"""tracer/site/content/function_source.py: the source of one function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.toy_unet import ResBlock
from tracer.errors import SiteError
from tracer.site.content.function_source import read_function

START = ResBlock.forward.__code__.co_firstlineno


def test_a_function_is_found_by_its_qualified_name() -> None:
    found = read_function("tests.toy_unet:ResBlock.forward")
    assert (found.name, found.file, found.first) == ("ResBlock.forward", "tests/toy_unet.py", START)
    assert found.lines[0] == "def forward(self, x: Tensor, temb: Tensor) -> Tensor:"
    assert found.text(START + 1, START + 1) == ("    h = self.conv(x)",)
    assert found.last == START + 5


def test_parameters_are_those_that_may_be_tensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.py").write_text(
        "class A:\n    def forward(self, x, n: int, *, t: 'Tensor | None' = None): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert read_function("shop:A.forward").parameters == ("x", "t")


def test_a_file_in_a_package_is_named_below_its_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "house" / "room").mkdir(parents=True)
    (tmp_path / "house" / "__init__.py").write_text("def f(x): ...\n")
    (tmp_path / "house" / "room" / "__init__.py").write_text("")
    (tmp_path / "house" / "room" / "bed.py").write_text("@g\ndef f(x): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert read_function("house:f").file == "house/__init__.py"
    bed = read_function("house.room.bed:f")
    assert (bed.file, bed.first, bed.is_forward) == ("house/room/bed.py", 1, False)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "tests.toy_unet",
            "tests.toy_unet: there is no such module. Write package.module:Class.function.",
        ),
        ("no_such.toy:f", "no_such.toy:f: there is no such module."),
        (
            "tests.toy_unet:ResBlock.backward",
            "there is no function ResBlock.backward in toy_unet.py.",
        ),
        ("tests.toy_unet:ResBlock", "there is no function ResBlock in toy_unet.py."),
    ],
)
def test_a_missing_module_or_function_is_an_error(path: str, said: str) -> None:
    with pytest.raises(SiteError) as caught:
        read_function(path)
    assert said in str(caught.value)


def test_the_reference_model_is_read_without_torch() -> None:
    code = (
        "import sys; from tracer.site.content.function_source import read_function; "
        "read_function('reference_model.model:Model.forward'); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
