"""The text of every message that ends a command: what is wrong, where, and what to do next."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracer.preset_registry
from tests.user_code import UNET, forgotten, write
from tracer.cli import main
from tracer.cli.entry_point import CANNOT

LAYERS = """
    class Needs(UNet):
        def __init__(self, ch, mult, *, deep=False):
            super().__init__(ch)

    class Conditional(UNet):
        def forward(self, x, prompt, t=None):
            return super().forward(x)

    class Dense(nn.Linear):
        def __init__(self):
            super().__init__(4, 4)

    class Bad(UNet):
        def __init__(self):
            super().__init__()
            self.norm = nn.Linear(8)

    class Unhappy(UNet):
        def forward(self, x):
            if x.shape[-1] != 64:
                raise ValueError("only 64 pixels will do")
            return super().forward(x)

    instance = UNet()

    def several():
        return [UNet()]
    """


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET, LAYERS)
    write(tmp_path, "nets/__init__.py")
    write(tmp_path, "nets/unet.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(capsys)


class Said:
    """Runs a command that cannot be carried out, and returns what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, words: str) -> str:
        self._capsys.readouterr()
        assert main(words.split()) == CANNOT
        out, err = self._capsys.readouterr()
        assert out == ""
        return err.removeprefix("Error: ").removesuffix("\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        # a target that is not there
        (
            "show modle.py:UNet",
            'File "modle.py" does not exist (working directory: {here}). Did you mean "model.py"?',
        ),
        (
            "show nowhere/model.py:UNet",
            'File "nowhere/model.py" does not exist: there is no folder "nowhere".',
        ),
        ("show ./nets:UNet", '"nets" is a folder: name a file in it, as nets/file.py:name.'),
        ("show model.py:Unet", 'model.py has no "Unet". Did you mean "UNet"?'),
        (
            "show model.py:Transformer",
            'model.py has no "Transformer". '
            "Available: UNet, Needs, Conditional, Dense, Bad, Unhappy, instance.",
        ),
        ("show nots.unet:UNet", 'There is no module "nots". Did you mean "nets"?'),
        ("show nets.unett:UNet", 'There is no module "nets.unett". Did you mean "nets.unet"?'),
        (
            "show nets.unet.model:UNet",
            'There is no module "nets.unet.model": nets.unet is a file, and holds no modules.',
        ),
        (
            "show xqzvw:UNet",
            'There is no module "xqzvw". '
            "Is it installed here? A file is named by its path, as path/file.py:name.",
        ),
        (
            "show ddpm-cifar",
            'There is no preset "ddpm-cifar". Did you mean "ddpm-cifar10"? '
            "Other models are named as package.module:name or path/file.py:name.",
        ),
        (
            "show :UNet",
            'Cannot parse target ":UNet". Use package.module:name, path/file.py:name, '
            "or a trace saved as .json.",
        ),
        (
            "show nets/unet.py",
            '"nets/unet.py" does not say which model: write nets/unet.py:UNet.',
        ),
        (
            "show model.jsn:UNet",
            'There is no module "model.jsn": model is a file, and holds no modules.',
        ),
        (
            "show trace.json",
            'There is no file "trace.json". Write it with `unet-trace trace TARGET -o trace.json`.',
        ),
        # a target that is no model
        (
            "show model.py:several",
            "model.py:several returned an object of type list: it has to return "
            "a torch.nn.Module, or (model, inputs) with inputs a tuple or a dict.",
        ),
        (
            "show model.py:instance --set ch=4",
            "model.py:instance is a model that is already built: "
            "--set is for classes and callables.",
        ),
        # constructor arguments
        (
            "show model.py:UNet --set chs=4",
            'model.py:UNet takes no argument chs. Did you mean "ch"?',
        ),
        ("show model.py:UNet --set ch=many", "--set ch=many: ch is of type int; write ch=8."),
        (
            "show model.py:UNet --set bias=maybe",
            "--set bias=maybe: bias is of type bool; write bias=true.",
        ),
        ("show model.py:Needs", "model.py:Needs needs ch, mult: give --set ch=... --set mult=..."),
        (
            "show model.py:Bad",
            "model.py:Bad cannot be built: TypeError: Linear.__init__() missing 1 required "
            "positional argument: 'out_features'\n"
            "  model.py:{norm}: self.norm = nn.Linear(8)",
        ),
        # inputs
        (
            "show model.py:UNet --input y=1x3x8x8",
            "The forward of UNet takes no input y. Available: x.",
        ),
        (
            "show model.py:UNet --input x=large",
            '--input x=large: "large" is not a valid shape, number or word. '
            "Use x=1x3x256x256, t=1:int64, t=:int64 (no dimensions), guidance=7.5, "
            "return_dict=false.",
        ),
        (
            "show model.py:UNet --input x=1x3:flaot32",
            '--input x: torch has no dtype "flaot32". Did you mean "float32"?',
        ),
        (
            "show model.py:Conditional",
            "The forward of Conditional needs prompt, and its shape cannot be inferred: give it as "
            "--input prompt=1x77x768, with your sizes; a dtype follows a colon, as "
            "--input prompt=1x77x768:int64.",
        ),
        (
            "show model.py:Dense",
            "The forward of Dense needs input, and its shape cannot be inferred: give it as "
            "--input input=1x3x64x64, with your sizes; a dtype follows a colon, as "
            "--input input=1x3x64x64:int64.",
        ),
        # pictures
        (
            "diagram model.py:UNet -o unet.jpg",
            'Unknown format ".jpg". Use .svg, .png, .pdf or .dot, or give --format.',
        ),
        (
            "diagram model.py:UNet -o unet",
            '"unet" has no suffix. Use .svg, .png, .pdf or .dot, or give --format.',
        ),
        (
            "diagram model.py:UNet --input x=1x3x8x8 --block zz --format dot",
            "UNet has no block zz. Available: conv_in, down, up, conv_out. "
            "`unet-trace show` lists them.",
        ),
        (
            "diagram model.py:UNet --input x=1x3x8x8 --block up.1 --format dot",
            'UNet has no block up.1. Did you mean "up"? `unet-trace show` lists them.',
        ),
    ],
)
def test_one_clear_message(words: str, message: str, said: Said, here: Path) -> None:
    norm = line_of(here / "model.py", "nn.Linear(8)")
    assert said(words) == message.format(here=here, norm=norm)


def line_of(file: Path, code: str) -> int:
    """The number of the first line that holds this code."""
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if code in line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("import nets.no_such", "ModuleNotFoundError: No module named 'nets.no_such'"),
        ("from nets.unet import Other", "ImportError: cannot import name 'Other' from"),
        ("x = 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise KeyError('ch')", "KeyError: 'ch'"),
        ("def f(:", "SyntaxError: invalid syntax"),
    ],
)
@pytest.mark.parametrize("target", ["broken.py:UNet", "broken:UNet"])
def test_what_the_user_s_own_file_raises_stays_visible_with_its_line(
    text: str, message: str, target: str, here: Path, said: Said
) -> None:
    write(here, "broken.py", "from torch import nn\n", text)
    place = target.partition(":")[0]
    first, second, *hints = said(f"show {target}").splitlines()
    assert first.startswith(f"{place} cannot be imported: {message}")
    assert second == f"  broken.py:3: {text}"
    assert len(hints) == message.startswith("ModuleNotFoundError")


def test_the_line_in_the_user_s_file_is_shown_and_not_that_of_what_it_calls(
    here: Path, said: Said
) -> None:
    write(here, "elsewhere/parts.py", "def build():\n    raise ValueError('no')")
    write(here, "own/broken.py", f"import sys; sys.path.append({str(here / 'elsewhere')!r})", MAKE)
    assert said("show own/broken.py:make").splitlines() == [
        "own/broken.py:make cannot be built: ValueError: no",
        "  own/broken.py:4: return build()",
    ]


MAKE = """from parts import build
def make():
    return build()
"""


def test_no_presets_without_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    monkeypatch.setattr(tracer.preset_registry, "entry_points", lambda group: ())
    why = (
        "no installed package offers any. Presets are found through installed packages: in a "
        "checkout of this project, run `pip install -e .` first."
    )
    assert said("presets") == f"There are no presets: {why}"
    assert said("show tiny") == f'There is no preset "tiny": {why}'


def test_a_failing_model_s_own_words_come_last(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    assert main(["stack", "model.py:Unhappy", "--input", "x=1x3x8x8"]) == CANNOT
    line = line_of(here / "model.py", "only 64 pixels")
    assert capsys.readouterr().err.splitlines() == [
        "",
        f"unet-trace: raised in the model itself (Unhappy) at model.py:{line}, after 0 operations.",
        "",
        "ValueError: only 64 pixels will do",
    ]


def test_a_failing_model_may_have_missed_an_input(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    asking = """
        class Asking(UNet):
            def forward(self, x, context=None, mask=None):
                return super().forward(x) + context
        """
    write(here, "asking.py", UNET, asking)
    assert main(["show", "asking.py:Asking", "--input", "x=1x3x8x8"]) == CANNOT
    expected = "Inputs that were not given: context, mask. Give one as --input NAME=SHAPE[:DTYPE]."
    assert expected in capsys.readouterr().err.splitlines()


def test_a_model_that_ends_the_program(here: Path, said: Said) -> None:
    ending = """
        class Ending(UNet):
            def forward(self, x):
                raise SystemExit(0)
        """
    write(here, "ending.py", UNET, ending)
    above = (here / "ending.py").read_text().partition("raise SystemExit")[0]
    place = f"ending.py:{above.count(chr(10)) + 1}, in forward"
    assert said("show ending.py:Ending") == f"The target called sys.exit(0).\n  at {place}"


def test_a_saved_trace_is_as_it_was_made(here: Path, said: Said, capsys: object) -> None:
    assert main(["trace", "model.py:UNet", "--input", "x=1x3x8x8", "-o", "unet.json"]) == 0
    assert said("show unet.json --set ch=4") == (
        "unet.json is a saved trace: --set, --input, --size, --batch, --symbolic, --dims, "
        "--vary, --train and --eval apply to models that are run."
    )
    assert said("verify unet.json") == (
        "unet.json holds no weights and no code to run: verify the model itself, as "
        "`unet-trace verify model.py:UNet --input x=1x3x8x8`."
    )
    assert said("show unat.json") == 'There is no file "unat.json". Did you mean "unet.json"?'


def test_a_file_that_is_no_trace(here: Path, said: Said) -> None:
    (here / "other.json").write_text("{}")
    assert said("show other.json") == (
        "other.json: this JSON is not a trace, since it has no .format; "
        "write it again with `unet-trace trace`"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("show", "Missing argument 'TARGET'."),
        ("shwo tiny", "No such command 'shwo'. Did you mean 'show'?"),
        ("show tiny --dept 1", "No such option '--dept'."),
        ("show tiny --depth x", "Invalid value for '--depth': 'x' is not a valid integer range."),
        ("show tiny --format htm", "Invalid value for '--format': 'htm' is not one of"),
        ("show tiny --input x", "Invalid value for '--input': \"x\" is not of the form NAME=SHAPE"),
        ("show tiny --input x=1 --input x=2", "Invalid value for '--input': x is given twice."),
        ("show tiny --set ch", "Invalid value for '--set': \"ch\" is not of the form NAME=VALUE."),
        ("show tiny -o no/a.md", "Invalid value for '-o' / '--output': there is no folder \"no\"."),
    ],
)
def test_a_command_that_is_typed_wrong(words: str, message: str, said: Said) -> None:
    usage, _, error = said(words).partition("\n\nError: ")
    assert usage.startswith("Usage: unet-trace")
    assert error.startswith(message)


def test_in_a_narrow_terminal_a_message_breaks_at_words(
    monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    whole = said("show nope")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    broken = said("show nope")
    assert len(whole.splitlines()) == 1
    assert max(map(len, broken.splitlines())) <= 40
    assert broken.split() == whole.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "No output file. Use -o unet.svg, .png, .pdf or .dot."),
        (" --format png", "png cannot be shown in a terminal: write it to a file, -o FILE."),
    ],
)
def test_a_picture_is_not_for_a_terminal(
    words: str, message: str, monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert said(f"diagram model.py:UNet{words}") == message


def test_a_fault_of_this_program_says_so(monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    def fault(group: str) -> None:
        raise TypeError("oh")

    monkeypatch.setattr(tracer.preset_registry, "entry_points", fault)
    assert said("presets") == (
        "Internal error: TypeError: oh\n"
        "Please report it with the output of the same command and --debug."
    )
