"""A model whose names are anything at all: recorded, drawn, locked, checked and replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import tracer
from tests.conftest import Golden, examples
from tests.robustness.odd_names import ODD_NAMES, odd_model
from tests.robustness.robustness_figures import check_figures
from tracer.cli.entry_point import main
from tracer.errors import TraceError
from tracer.escapes import HIDDEN, LONG_WORD, escape_path, unescape_name
from tracer.record import Trace
from tracer.render.diagram.labels import LONGEST_LINE
from tracer.render.formats.registry import FORMATS
from tracer.store import from_json, to_json

NAMES = tuple(dict.fromkeys(ODD_NAMES.values()))
X = torch.zeros(1, 4, 8, 8)
FILES = ("odd.json", "raw.json")
TABLES = tuple(product(("show", "stack", "cost"), FORMATS, FILES))
DRAWINGS = (*product(("svg", "dot"), FILES), ("png", "odd.json"), ("pdf", "odd.json"))
KEY = st.text(st.characters(codec=None, exclude_characters="."), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return tracer.trace(odd_model(NAMES), X)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> Path:
    """A folder with a saved trace of the model, and one in which no name is escaped."""
    path = tmp_path_factory.mktemp("odd")
    (path / "odd.json").write_bytes(to_json(trace))
    (path / "raw.json").write_text(json.dumps(_raw(json.loads(to_json(trace)))))
    return path


def _raw(part: object) -> object:
    """Everything with its names as they are, as no version writes it; JSON holds no surrogates."""
    if isinstance(part, str):
        return unescape_name(part).replace("\ud800", "")
    if isinstance(part, dict):
        return {name: _raw(item) for name, item in part.items()}
    return [_raw(item) for item in part] if isinstance(part, list) else part


def hidden(text: str) -> set[str]:
    """What is hidden in a text; Graphviz itself writes blanks that do not break."""
    return {one for one in text if HIDDEN.match(one)} - {"\n", "\xa0"}


def names_of(trace: Trace) -> Iterator[str]:
    """Every name in a trace that came from the model."""
    yield trace.model
    for block in trace.root.walk():
        yield from (block.call, block.path, block.kind)
    for step in trace.steps:
        yield from (step.op, step.file or "")
        yield from (one.name for one in (*step.inputs, *step.outputs, *step.weights))
    for line in trace.lines:
        yield from (line.function, line.file, *(name for name, _ in line.names))


# ---------------------------------------------------------------------------------------- the trace


def test_every_name_in_a_trace_can_be_read_back(trace: Trace) -> None:
    paths = [block.path for block in trace.root.children]
    assert [unescape_name(path) for path in paths] == [f"parts.{name}" for name in NAMES]
    assert unescape_name(trace.model) == "Net\x1b[2J"
    assert not [name for name in names_of(trace) if hidden(name) or "\n" in name]


def test_a_saved_trace_is_the_same_trace(trace: Trace) -> None:
    assert from_json(to_json(trace)) == trace


@given(KEY, KEY)
@examples(15)
def test_any_text_may_be_the_key_of_a_module(one: str, other: str) -> None:
    names = [name for name in dict.fromkeys((one, other)) if not hasattr(nn.ModuleDict, name)]
    found = tracer.trace(odd_model(names), X)
    assert [unescape_name(block.path) for block in found.root.children] == [
        f"parts.{name}" for name in names
    ]
    assert from_json(to_json(found)) == found


def test_a_module_with_the_name_of_a_second_call_is_another_block() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleDict({"a": nn.Identity(), "a@1": nn.Conv2d(4, 4, 1)})

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.parts["a@1"](self.parts["a"](self.parts["a"](x)))

    calls = [block.call for block in tracer.trace(Twice(), X).root.children]
    assert calls == ["parts.a", "parts.a@1", r"parts.a\x401"]


def test_a_module_in_a_plain_dict_is_named_by_its_key() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = {"a\x1b": nn.Conv2d(4, 4, 1)}

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.parts["a\x1b"](x)  # type: ignore[no-any-return]

    assert [one.call for one in tracer.trace(Plain(), X).root.children] == [r"parts.a\x1b"]


def test_a_function_and_its_file_are_escaped_like_other_names(tmp_path: Path) -> None:
    source = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x): return x + 1\n"
    module = ModuleType("a_module")
    exec(compile(source, str(tmp_path / "a\x1b.py"), "exec"), vars(module))
    found = tracer.trace(module.Net(), X)
    assert {str(step.file).rpartition("/")[2] for step in found.steps} == {r"a\x1b.py"}


def test_the_graph_of_a_model_computes_the_same_whatever_its_names_are() -> None:
    model, x = odd_model(NAMES), torch.randn(1, 4, 8, 8)
    assert torch.equal(tracer.graph(model, X)(x), model(x))


@pytest.mark.parametrize("name", ["a-b", "if", "", "x=0):\n    raise SystemExit\n#"])
def test_an_input_that_no_function_can_have_is_refused_by_a_graph(name: str) -> None:
    class AnyInputs(nn.Module):
        def forward(self, **inputs: torch.Tensor) -> torch.Tensor:
            return inputs[name] + 1

    assert tracer.trace(AnyInputs(), {name: X}).steps
    with pytest.raises(TraceError, match=r"^The input \".*\" cannot be one of a graph"):
        tracer.graph(AnyInputs(), {name: X})


def test_no_name_runs_as_code_of_a_graph() -> None:
    model = odd_model(["a\"); raise SystemExit('run'); (\"", "a_b", "a\\b", "e\u0301", "\xe9"])
    assert torch.equal(tracer.graph(model, X)(X), model(X))


# ------------------------------------------------------------------------------------- the commands


@pytest.mark.parametrize(("command", "form", "file"), TABLES)
def test_a_command_shows_every_name_and_hides_nothing(
    command: str, form: str, file: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / f"{command}-{form}"
    assert main([command, str(folder / file), "--format", form, "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert not hidden(text + "".join(capsys.readouterr()))
    assert "[2Jb" in text
    if form == "json":
        json.loads(text)


@pytest.mark.parametrize(("form", "file"), DRAWINGS)
def test_every_name_is_drawn(form: str, file: str, folder: Path) -> None:
    out = folder / f"{file}.{form}"
    assert main(["diagram", str(folder / file), "-o", str(out)]) == 0
    if form == "svg":
        root = ElementTree.parse(out).getroot()
        texts = [text for one in root.iter() for text in (one.text, *one.attrib.values()) if text]
        assert not hidden("".join(texts))
        assert r"a\x1b[2Jb" in "".join(texts)


def test_the_inside_of_a_block_with_an_odd_name_is_drawn(folder: Path) -> None:
    out = folder / "inside.svg"
    words = ["diagram", str(folder / "odd.json"), "--block", r"parts.a\x1b[2Jb", "-o", str(out)]
    assert main(words) == 0
    ElementTree.parse(out)


def test_a_box_shows_its_name_and_is_no_wider_than_others(trace: Trace) -> None:
    svg = tracer.diagram(trace).svg
    found = {one.text for one in ElementTree.fromstring(svg).iter() if one.tag[-4:] == "text"}
    texts = {text.replace("\xa0", " ") for text in found if text}
    for name in NAMES:
        shown = escape_path(f"parts.{name}")
        if "&" in name:
            shown = shown.replace("&", r"\x26")
        if len(shown) > LONGEST_LINE:
            shown = f"{shown[:30]}…{shown[-29:]}"
        assert shown in texts, ascii(name)


def test_what_lock_writes_check_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = folder / "odd.shapes.yaml"
    assert main(["lock", str(folder / "odd.json"), "-o", str(lock)]) == 0
    assert not hidden(lock.read_text(encoding="utf-8"))
    assert main(["check", str(folder / "odd.json"), str(lock)]) == 0
    assert main(["check", str(folder / "raw.json"), str(lock)]) in (0, 1)
    assert not hidden("".join(capsys.readouterr()))


def test_a_difference_is_told_by_its_name(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = odd_model(NAMES)
    changed.parts["a\x1b[2Jb"] = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())
    tracer.save(tracer.trace(changed, X), tmp_path / "changed.json")
    for form in FORMATS:
        words = ["diff", str(folder / "odd.json"), str(tmp_path / "changed.json")]
        assert main([*words, "--format", form]) == 1
        text = "".join(capsys.readouterr())
        assert r"a\x1b[2Jb" in text.replace(r"\\", "\\")
        assert not hidden(text)


def test_a_checkpoint_with_odd_keys_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.syspath_prepend(str(root))
    (tmp_path / "odd.py").write_text(
        "from tests.robustness.odd_names import ODD_NAMES, odd_model\n"
        "def make():\n    return odd_model(dict.fromkeys(ODD_NAMES.values()))\n"
    )
    state = {f"x.{name}\x9b": tensor for name, tensor in odd_model(NAMES).state_dict().items()}
    torch.save(state, tmp_path / "odd.pt")
    words = ["checkpoint", f"{tmp_path / 'odd.py'}:make", str(tmp_path / "odd.pt"), "--all"]
    for form in FORMATS:
        assert main([*words, "--format", form]) == 1
        text = "".join(capsys.readouterr())
        assert r"parts.a\x1b[2Jb.weight" in text.replace(r"\\", "\\") or form == "html"
        assert not hidden(text)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("dtype", "status"), [("F32", 1), ("\x1b]0;title\x07\x9b", 2)])
def test_a_safetensors_file_with_an_odd_key_is_compared_and_one_with_an_odd_dtype_refused(
    form: str, dtype: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"dtype": dtype, "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"a\x1b\u202e": entry}).encode()
    path = tmp_path / "odd.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert main(["checkpoint", "torch.nn:ReLU", str(path), "--format", form]) == status
    text = "".join(capsys.readouterr()).replace(r"\\", "\\")
    assert r"a\x1b\u202e" in text or r"a\u001b\u202e" in text
    assert not hidden(text)


@pytest.mark.parametrize(
    "words",
    [
        ["show", "\x1b[2J.py:make"],
        ["show", "ODD", "--path", "a\x1b*"],
        ["show", "ODD", "--depth", "\x9b2J"],
        ["sh\x1bow", "ODD"],
        ["diagram", "ODD", "--block", "\u202e"],
        ["diagram", "ODD", "-o", "x.\x1b"],
        ["check", "ODD", "\x1b.yaml"],
    ],
)
def test_a_message_shows_what_was_typed_and_hides_nothing(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(folder / "odd.json") if word == "ODD" else word for word in words]
    assert main(words) == 2
    assert not hidden("".join(capsys.readouterr()))


def test_a_block_is_named_as_it_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(folder / "odd.json"), "--path", r"parts.a\x1b*"]) == 0
    assert r"parts.a\x1b[2Jb" in capsys.readouterr().out


# ---------------------------------------------------------------------------- notebooks and reports


@pytest.mark.parametrize("file", FILES)
def test_a_notebook_shows_every_name(file: str, folder: Path) -> None:
    found = tracer.load(folder / file)
    for shown in (tracer.table(found), tracer.diagram(found), tracer.skip_stack(found)):
        assert not hidden(repr(shown))
        assert not hidden(shown._repr_html_())


def test_a_report_of_pytest_shows_every_name(trace: Trace) -> None:
    with pytest.raises(AssertionError) as raised:
        tracer.assert_shapes(trace, {"parts.**": "1 5 8 8"})
    assert not hidden(str(raised.value))
    assert max(map(len, str(raised.value).splitlines())) < 2 * LONG_WORD
    assert r"parts.a\x1b[2Jb" in str(raised.value)


def test_the_figures_are_those_of_this_file(golden: Golden) -> None:
    figures = {
        "odd_names": len(NAMES),
        "odd_name_renderings": len(TABLES) + len(DRAWINGS),
    }
    check_figures(golden, "names", figures)
