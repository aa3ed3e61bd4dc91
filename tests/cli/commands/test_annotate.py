"""tracer/cli/commands/annotate.py: shapes as comments, shown, written, and checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import tracer
from tracer.cli import main

SOURCE = '''\
"""A UNet."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, ch=8):
        super().__init__()
        self.enter = nn.Conv2d(3, ch, 3, 1, 1)
        self.down = nn.Conv2d(ch, 2 * ch, 3, stride=2, padding=1)
        self.middle = nn.Conv2d(2 * ch, 2 * ch, 1)
        self.up = nn.ConvTranspose2d(2 * ch, ch, 2, 2)
        self.leave = nn.Conv2d(2 * ch, 3, 1)

    def forward(self, x):
        hs = [self.enter(x)]  # the only skip
        h = self.down(hs[-1])
        h = self.middle(h)
        h = self.up(h)
        h = torch.cat([h, hs.pop()], dim=1)
        return self.leave(
            h,
        )
'''
WRITTEN = {
    "hs = [self.enter(x)]": "(B, 8, H, W)",
    "h = self.down(hs[-1])": "(B, 16, H/2, W/2)",
    "h = self.middle(h)": "(B, 16, H/2, W/2)",
    "h = self.up(h)": "(B, 8, H, W)",
    "h = torch.cat([h, hs.pop()], dim=1)": "(B, 16, H, W)",
    "        )": "(B, 3, H, W)",
}
FORMULAS = ["--input", "x=2x3x16x16", "--symbolic"]


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the working folder, which is called by its name there."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.py"
    path.write_text(SOURCE)
    earlier = path.stat().st_mtime - 10
    os.utime(path, (earlier, earlier))
    return path


def annotate(path: Path, *words: str) -> int:
    return main(["annotate", f"{path}:Net", *FORMULAS, *words])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    earlier = path.stat().st_mtime - 10
    os.utime(path, (earlier, earlier))


def test_every_statement_that_makes_a_tensor_is_shown_with_its_shape(
    net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net) == 0
    text = capsys.readouterr().out
    assert text.startswith("# net.py:16\ndef forward(self, x):\n")
    for code, shape in WRITTEN.items():
        assert f"{code.strip()}  # the only skip  # shape: {shape}\n" in text or (
            f"{code.strip()}  # shape: {shape}\n" in text
        )
    assert net.read_text() == SOURCE


def test_comments_are_written_checked_and_stay_as_they_are(
    net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net, "--write") == 0
    text = net.read_text()
    assert text.count("# shape:") == len(WRITTEN)
    assert annotate(net, "--check") == 0
    assert annotate(net, "--write") == 0
    assert net.read_text() == text
    assert capsys.readouterr().err.splitlines() == ["Wrote net.py.", "net.py is up to date."]


@pytest.mark.slow
def test_a_file_with_comments_runs_the_same_and_a_formatter_leaves_it_alone(net: Path) -> None:
    before = tracer.Session.open(f"{net}:Net", inputs={"x": "1x3x16x16"}).trace
    assert annotate(net, "--write") == 0
    after = tracer.Session.open(f"{net}:Net", inputs={"x": "1x3x16x16"}).trace
    assert after.steps == before.steps
    words = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(net)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0


LIES = {
    "channels in a comment": ("(B, 8, H, W)", "(B, 9, H, W)"),
    "a formula off by one": ("(B, 16, H/2, W/2)", "(B, 16, H/2 + 1, W/2)"),
    "another factor": ("(B, 16, H/2, W/2)", "(B, 16, H/4, W/2)"),
    "axes exchanged": ("(B, 16, H/2, W/2)", "(16, B, H/2, W/2)"),
    "an axis less": ("(B, 16, H/2, W/2)", "(B, 16, H/2)"),
    "an axis more": ("(B, 3, H, W)", "(B, 3, H, W, 1)"),
    "a number for a symbol": ("(B, 3, H, W)", "(2, 3, H, W)"),
    "a size that is said to differ": ("(B, 3, H, W)", "(B, ?, H, W)"),
    "nothing": ("# shape: (B, 3, H, W)", "# shape:"),
    "a comment moved to another line": (
        "h = self.up(h)  # shape: (B, 8, H, W)\n        h = torch.cat([h, hs.pop()], dim=1)"
        "  # shape: (B, 16, H, W)",
        "h = self.up(h)  # shape: (B, 16, H, W)\n        h = torch.cat([h, hs.pop()], dim=1)"
        "  # shape: (B, 8, H, W)",
    ),
    "a comment where no tensor is made": (
        "super().__init__()",
        "super().__init__()  # shape: (B, 3, H, W)",
    ),
    "a comment above the wrong line": (
        "        h = self.middle(h)",
        "        # shape: (B, 8, H, W)\n        h = self.middle(h)",
    ),
    "channels in the code": ("def __init__(self, ch=8)", "def __init__(self, ch=16)"),
    "a stride in the code": (
        "3, stride=2, padding=1)\n        self.middle = nn.Conv2d(2 * ch, 2 * ch, 1)\n"
        "        self.up = nn.ConvTranspose2d(2 * ch, ch, 2, 2)",
        "4, stride=4)\n        self.middle = nn.Conv2d(2 * ch, 2 * ch, 1)\n"
        "        self.up = nn.ConvTranspose2d(2 * ch, ch, 4, 4)",
    ),
    "another operation on the same line": (
        "torch.cat([h, hs.pop()], dim=1)",
        "torch.cat([h, hs.pop()], dim=1).repeat(1, 1, 2, 1)",
    ),
    "a removed block": (
        "h = self.down(hs[-1])  # shape: (B, 16, H/2, W/2)\n        h = self.middle(h)",
        "h = self.down(hs[-1])  # shape: (B, 16, H/2, W/2)\n        h",
    ),
    "another padding": ("3, 1, 1)\n", "3, 1, 2)\n"),
    "another output": ("nn.Conv2d(2 * ch, 3, 1)", "nn.Conv2d(2 * ch, 4, 1)"),
    "a comment of numbers": ("(B, 16, H/2, W/2)", "(2, 16, 8, 8)"),
    "an empty batch": ("(B, 8, H, W)", "(B*2, 8, H, W)"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_comment_that_is_not_true_is_found(
    lie: str, net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net, "--write") == 0
    edit(net, *LIES[lie])
    capsys.readouterr()
    assert annotate(net, "--check") == 1
    output = capsys.readouterr()
    assert output.out.startswith("net.py: line ")
    assert "the comment says" in output.out
    assert "--write instead of --check" in output.err


def test_formulas_cannot_be_checked_with_numbers(
    net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net, "--write") == 0
    assert main(["annotate", f"{net}:Net", "--input", "x=2x3x16x16", "--check"]) == 2
    assert "Add --symbolic" in capsys.readouterr().err


def test_a_file_that_changed_since_it_was_imported_is_not_touched(
    net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = net.stat().st_mtime + 1000
    os.utime(net, (later, later))
    assert annotate(net, "--write") == 2
    assert "has changed since it ran" in capsys.readouterr().err
    assert net.read_text() == SOURCE


def test_a_file_keeps_the_encoding_that_it_declares(net: Path) -> None:
    text = f"# -*- coding: latin-1 -*-\n# caf\xe9\n{SOURCE}"
    earlier = net.stat().st_mtime
    net.write_bytes(text.encode("latin-1"))
    os.utime(net, (earlier, earlier))
    assert annotate(net, "--write") == 0
    written = net.read_bytes().decode("latin-1")
    assert "# caf\xe9\n" in written
    assert "# shape: (B, 3, H, W)" in written


def test_an_installed_package_is_left_alone_unless_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, net: Path
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(net.parent))
    assert annotate(net, "--write") == 2
    assert "--installed" in capsys.readouterr().err
    assert net.read_text() == SOURCE
    assert annotate(net, "--write", "--installed") == 0
    assert net.read_text() != SOURCE


def test_a_package_of_another_environment_on_the_search_path_is_left_alone_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "elsewhere" / "site-packages"
    library.mkdir(parents=True)
    path = library / "shared_net.py"
    path.write_text(SOURCE)
    os.utime(path, (path.stat().st_mtime - 10,) * 2)
    monkeypatch.syspath_prepend(library)
    assert main(["annotate", "shared_net:Net", *FORMULAS, "--write"]) == 2
    assert "--installed" in capsys.readouterr().err
    assert path.read_text() == SOURCE
    monkeypatch.delitem(sys.modules, "shared_net")


def test_the_lines_are_shown_in_the_order_in_which_they_ran(
    net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net, "--run") == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "Net: Net.forward (net.py)"
    assert "cat (B, 8, H, W), (B, 8, H, W) -> (B, 16, H, W)" in lines


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--write", "--check"], "exclude each other"),
        (["--call", "dwn"], 'There is no call "dwn". Did you mean "down"?'),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], message: str, net: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert annotate(net, *words) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_model_in_python_gives_the_same(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(net.parent)
    monkeypatch.delitem(sys.modules, "net", raising=False)
    import net as module  # type: ignore[import-not-found]

    (file,) = tracer.annotate(module.Net(), torch.zeros(1, 3, 16, 16), symbolic=True)
    assert "h = self.up(h)  # shape: (B, 8, H, W)" in str(file)
    assert repr(file) == "<AnnotatedFile of net.py, comments: 6>"
    assert not list(file.false_comments())
    (proposed,) = tracer.annotate(module.Net())
    assert "h = self.up(h)  # shape: (1, 8, 64, 64)" in str(proposed)
    monkeypatch.delitem(sys.modules, "net")
