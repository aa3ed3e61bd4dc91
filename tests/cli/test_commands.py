"""The command: what it prints where, what it writes, and with what status it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN, ROOT
from tests.user_code import UNET, forgotten, write
from tracer.cli import main
from tracer.cli.app import COMMANDS
from tracer.store import load

TOY = str(GOLDEN / "toy_unet.json")
FAILS = """
    class Fails(UNet):
        def forward(self, x):
            hs = [self.conv_in(x)]
            hs.append(self.down(hs[-1]))
            return torch.cat([self.up(hs[-1]), self.down(x)], dim=1)
    """
COLOUR = "\x1b[3"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which says on its last line whether it has torch."""
    code = (
        "import sys; from tracer.cli import main; status = main(sys.argv[1:]); "
        "print('torch' in sys.modules, file=sys.stderr); sys.exit(status)"
    )
    command = [sys.executable, "-c", code, *words]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["show", "--help"],
        ["presets"],
        ["schema"],
        ["show", TOY],
        ["show", TOY, "--ops", "--format", "rich"],
        ["stack", TOY],
        ["trace", TOY],
        ["diagram", TOY, "--format", "dot"],
        ["show", "no-such-preset"],
        ["verify", TOY],
        ["lock", TOY],
        ["check", TOY, str(GOLDEN / "toy_unet.shapes.yaml")],
        ["diff", TOY, str(GOLDEN / "toy_unet.shapes.yaml")],
        ["checkpoint", "tiny", "no-such-file"],
    ],
    ids=" ".join,
)
def test_what_needs_no_model_does_not_import_torch(words: list[str]) -> None:
    assert run(*words).stderr.endswith("False\n")


@pytest.mark.slow
def test_the_check_for_torch_would_notice() -> None:
    done = run("show", "tiny", "--depth", "0")
    assert (done.returncode, done.stderr) == (0, "True\n")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(command: object, capsys: Capture) -> None:
    name = str(command.name)  # type: ignore[attr-defined]
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: unet-trace {name}")
    assert max(map(len, out.splitlines())) <= 80


def test_the_help_lists_every_command_in_a_line(capsys: Capture) -> None:
    main(["--help"])
    out = capsys.readouterr().out
    listed = out[out.index("Commands:") :].splitlines()[1:]
    assert [line.split()[0] for line in listed] == [command.name for command in COMMANDS]
    assert not any(line.endswith("...") for line in listed)


def test_a_saved_trace_is_shown_as_plain_text_when_piped(capsys: Capture) -> None:
    assert main(["show", TOY]) == 0
    out, err = capsys.readouterr()
    assert out == (GOLDEN / "toy_unet.shapes.txt").read_text(encoding="utf-8")
    assert err == ""


@pytest.mark.parametrize(("form", "golden"), [("plain", "txt"), ("markdown", "md"), ("csv", "csv")])
def test_a_table_in_the_form_that_was_asked_for(form: str, golden: str, capsys: Capture) -> None:
    assert main(["stack", TOY, "--format", form]) == 0
    expected = (GOLDEN / f"toy_unet.stack.{golden}").read_text(encoding="utf-8")
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("suffix", ["txt", "md", "csv"])
def test_the_suffix_of_a_file_says_the_form(suffix: str, here: Path, capsys: Capture) -> None:
    assert main(["show", TOY, "--ops", "-o", f"ops.{suffix}"]) == 0
    expected = (GOLDEN / f"toy_unet.steps.{suffix}").read_bytes()
    assert (here / f"ops.{suffix}").read_bytes() == expected
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["show"], ["show", "--ops"], ["stack"]], ids=" ".join)
def test_every_table_comes_as_json(words: list[str], capsys: Capture) -> None:
    assert main([*words, TOY, "--format", "json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert len(records) > 1
    assert all(isinstance(record, dict) for record in records)


def test_depth_leaves_out_what_is_deeper(capsys: Capture) -> None:
    main(["show", TOY, "--depth", "1", "--format", "json"])
    levels = {record["level"] for record in json.loads(capsys.readouterr().out)}
    assert levels == {0, 1}


def test_a_path_leaves_out_all_other_blocks(capsys: Capture) -> None:
    assert main(["show", TOY, "--path", "mid.*", "--depth", "2", "--format", "json"]) == 0
    calls = [record["call"] for record in json.loads(capsys.readouterr().out)]
    assert calls == ["mid.block", "mid.attn", "mid.block@1"]


def test_folding_shortens_the_table_and_not_the_data(here: Path, capsys: Capture) -> None:
    chain = "def chain(): return nn.Sequential(*[nn.Conv2d(3, 3, 1) for _ in range(4)])"
    write(here, "model.py", "from torch import nn", chain)
    assert main(["trace", "model.py:chain", "-o", "chain.json"]) == 0

    def lines(*words: str) -> int:
        assert main(["show", "chain.json", *words]) == 0
        return len(capsys.readouterr().out.splitlines())

    assert lines("--fold") < lines()
    assert lines("--no-fold", "--format", "json") == lines("--format", "json")


@pytest.mark.parametrize("command", ["show", "cost"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_folding_is_refused_where_every_row_stands_by_itself(
    command: str, form: str, here: Path, capsys: Capture
) -> None:
    assert main([command, "model.py:UNet", "--fold", "--format", form]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{form} holds every row by itself: drop --fold" in " ".join(err.split())


def test_no_colour_in_a_terminal_that_asks_for_none() -> None:
    words = ("show", TOY, "--format", "rich")
    assert COLOUR in run(*words, FORCE_COLOR="1").stdout
    assert COLOUR not in run(*words, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_trace_is_written_and_shown_again(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    words = ["model.py:UNet", "--set", "ch=16", "--input", "x=2x3x8x8"]
    assert main(["trace", *words, "-o", "trace.json"]) == 0
    assert capsys.readouterr().err == "Wrote trace.json: 5 blocks, 5 operations.\n"
    assert load(here / "trace.json").target == " ".join(words)
    main(["show", *words])
    anew = capsys.readouterr().out
    main(["show", "trace.json"])
    assert capsys.readouterr().out == anew


def test_a_trace_goes_to_standard_output_without_a_file(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["trace", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "UNet"


def test_what_was_assumed_is_told_beside_the_result(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["show", "model.py:UNet", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["inputs"][0]["shape"] == [1, 3, 64, 64]
    assert err.startswith("Assumed --input x=1x3x64x64:float32 (")


def test_what_the_model_prints_is_no_result(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET, "print('hello')")
    main(["show", "model.py:UNet", "--input", "x=1x3x8x8", "--format", "json"])
    out, err = capsys.readouterr()
    assert (json.loads(out)[0]["kind"], err) == ("UNet", "hello\n")


def test_a_model_that_fails_is_shown_up_to_there(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET, FAILS)
    assert main(["show", "model.py:Fails", "--input", "x=1x3x8x8"]) == 2
    out, err = capsys.readouterr()
    assert [row.split()[0] for row in out.splitlines()[4:9]] == [
        "Fails",
        "conv_in",
        "down",
        "up",
        "down@1",
    ]
    assert "note: the model failed after these operations: RuntimeError: Given groups=1" in out
    assert "raised in block down@1 (Conv2d) at model.py" in err
    assert "Operation: conv2d(x 1×3×8×8, " in err
    assert "stack hs" in err
    assert err.splitlines()[-1].startswith("RuntimeError: Given groups=1")


def test_a_trace_that_ends_early_is_written_and_shown(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET, FAILS)
    words = ["trace", "model.py:Fails", "--input", "x=1x3x8x8", "-o", "partial.json"]
    assert main(words) == 2
    capsys.readouterr()
    assert main(["show", "partial.json"]) == 0
    assert "note: the model failed after these operations" in capsys.readouterr().out


def test_verify_proves_a_graph(here: Path, capsys: Capture) -> None:
    write(here, "model.py", UNET)
    assert main(["verify", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert "computes what the model computes, bit for bit." in capsys.readouterr().out


def test_verify_ends_with_1_where_the_graph_is_another(here: Path, capsys: Capture) -> None:
    counting = """
        import itertools

        class Counting(UNet):
            calls = itertools.count(1)

            def forward(self, x):
                return super().forward(x) * next(self.calls)
        """
    write(here, "model.py", UNET, counting)
    words = ["verify", "model.py:Counting", "--input", "x=1x3x8x8"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "does not compute what the model computes." in out
    assert "The first difference is in mul, operation 5, in the model itself at model.py:" in out
    assert main([*words, "--format", "json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["proven"], verdict["difference"]["op"]) == (False, "mul")


def test_a_picture_is_in_colour_and_its_text_is_not(capsys: Capture) -> None:
    assert main(["diagram", TOY, "--format", "svg"]) == 0
    assert 'fill="#e6edfa"' in capsys.readouterr().out
    assert main(["diagram", TOY, "--format", "dot"]) == 0
    assert "fillcolor" not in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot"])
def test_a_diagram_is_written_in_the_form_of_its_suffix(suffix: str, here: Path) -> None:
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}
    assert main(["diagram", TOY, "-o", f"toy.{suffix}"]) == 0
    assert (here / f"toy.{suffix}").read_bytes().startswith(start[suffix])


def test_a_diagram_goes_to_standard_output_without_a_file(capsys: Capture) -> None:
    assert main(["diagram", TOY]) == 0
    assert capsys.readouterr().out.startswith("<?xml")


def test_the_inside_of_a_block_is_drawn(capsys: Capture) -> None:
    assert main(["diagram", TOY, "--block", "mid.attn", "--format", "dot"]) == 0
    assert "softmax" in (out := capsys.readouterr().out) or "scaled_dot_product" in out


def test_the_presets_of_the_reference_model_are_found(capsys: Capture) -> None:
    assert main(["presets", "--format", "json"]) == 0
    presets = {record["name"]: record for record in json.loads(capsys.readouterr().out)}
    assert presets["ddpm-cifar10"]["parameters"] == 35_746_307
    assert presets["ddpm-cifar10"]["keywords"]["ch_mult"] == [1, 2, 2, 2]


def test_the_sources_of_presets_fit_a_terminal_and_a_csv_has_them(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for form in ("rich", "plain"):
        assert main(["presets", "--format", form]) == 0
        out = capsys.readouterr().out
        assert (
            "\nddpm-cifar10: DDPM (Ho, Jain and Abbeel 2020, arXiv 2006.11239), appendix B," in out
        )
        assert max(map(len, out.splitlines())) <= (80 if form == "rich" else 110)
    assert main(["presets", "--format", "csv"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head == "preset,params,what it is,source"
    assert "scripts/run_cifar.py" in first


def test_any_package_may_add_presets(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, "others.py", UNET, PRESETS)
    _distribute(here, "others", "others:PRESETS")
    monkeypatch.syspath_prepend(here)
    assert main(["show", "narrow", "-o", "narrow.json"]) == 0
    (conv_in,) = (row for row in _records(here / "narrow.json") if row["path"] == "conv_in")
    assert conv_in["outputs"][0]["shape"] == [1, 4, 64, 64]


def test_a_broken_package_does_not_hide_the_presets_of_others(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    _distribute(here, "broken", "no_such_module:PRESETS")
    monkeypatch.syspath_prepend(here)
    assert main(["presets"]) == 0
    out, err = capsys.readouterr()
    assert "ddpm-cifar10" in out
    assert err.startswith("Warning: the presets of broken (no_such_module:PRESETS) cannot be read")


@pytest.mark.parametrize("words", [f"show {TOY}", f"show {TOY} --format rich", "show --help"])
def test_the_reader_may_have_had_enough(words: str) -> None:
    # `true` is gone long before anything is written
    script = f"{sys.executable} -m tracer.cli {words} | true; echo ${{PIPESTATUS[0]}}"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script], env=variables, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_debug_shows_how_it_came_to_an_error(here: Path, capsys: Capture) -> None:
    write(here, "model.py", "1 / 0")
    assert main(["show", "model.py:UNet", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert main(["--debug", "show", "model.py:UNet"]) == 2
    assert "Traceback" in capsys.readouterr().err
    assert main(["show", "model.py:UNet"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_that_was_there_stays_when_the_request_fails(here: Path, capsys: Capture) -> None:
    (here / "unet.svg").write_text("before")
    assert main(["diagram", TOY, "--block", "nowhere", "-o", "unet.svg"]) == 2
    assert (here / "unet.svg").read_text() == "before"
    assert [path.name for path in here.iterdir()] == ["unet.svg"]


PRESETS = """
    class Narrow:
        summary, target, parameters = "A narrow one", "others:UNet", 0
        source, url = "", ""

        def keywords(self):
            return {"ch": 4}

    PRESETS = {"narrow": Narrow()}
    """


def _distribute(folder: Path, name: str, value: str) -> None:
    """What an installed package leaves for others to find it by."""
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[unet_trace.presets]\n{name} = {value}\n")


def _records(path: Path) -> list[dict[str, object]]:
    records: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return records
