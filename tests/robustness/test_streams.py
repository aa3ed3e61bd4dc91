"""The command where its streams, its files or its process are troubled: one message, its cause."""

from __future__ import annotations

import ctypes
import os
import pty
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GOLDEN, ROOT, Golden
from tests.robustness.robustness_figures import check_figures
from tests.user_code import UNET, write

TOY = str(GOLDEN / "toy_unet.json")
LOCK = str(GOLDEN / "toy_unet.shapes.yaml")
NO_OUTPUT = "Error: Standard output cannot be written: {}. Use -o FILE, or redirect it elsewhere.\n"
FULL = NO_OUTPUT.format("No space left on device")
CLOSED = NO_OUTPUT.format("it is closed")
COMMAND = (sys.executable, "-m", "tracer.cli")
SMALL_FILE = 1024

libc = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
"""Constants of Linux: take a right from what is executed from now on, and which right."""

Finished = subprocess.CompletedProcess[bytes]


def run(*words: str, folder: Path, variables: dict[str, str] | None = None, **how: Any) -> Finished:
    """Run the command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})},
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
        **{"capture_output": not how, **how},
    )


def in_shell(script: str, folder: Path) -> Finished:
    """Run a line of a shell; `unet-trace` in it is the command of this checkout."""
    line = script.replace("unet-trace", " ".join(COMMAND))
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )


TROUBLED = {
    f"unet-trace show {TOY} > /dev/full": (2, FULL),
    f"unet-trace show {TOY} --format json > /dev/full": (2, FULL),
    f"unet-trace diagram {TOY} > /dev/full": (2, FULL),
    "unet-trace --help > /dev/full": (2, FULL),
    "unet-trace show --help > /dev/full": (2, FULL),
    "unet-trace --version > /dev/full": (2, FULL),
    "unet-trace schema > /dev/full": (2, FULL),
    f"unet-trace show {TOY} >&-": (2, CLOSED),
    "unet-trace --help >&-": (2, CLOSED),
    f"unet-trace show {TOY} -o toy.md >&-": (0, "Wrote toy.md.\n"),
    f"unet-trace lock {TOY} -o toy.yaml >&- 2>&-": (0, ""),
    f"unet-trace show {TOY} -o toy.md <&- >&- 2>&-": (0, ""),
    "unet-trace show nothing.json 2>&-": (2, ""),
    "unet-trace show nothing.json >&- 2>&-": (2, ""),
    "unet-trace show nothing.json 2> /dev/full": (2, ""),
    "unet-trace nothing 2> /dev/full": (2, ""),
    f"unet-trace show {TOY} > /dev/full 2>&1": (2, ""),
    f"unet-trace show {TOY} -o /dev/full": (
        2,
        'Error: "/dev/full" cannot be written: No space left on device.\n',
    ),
    f"ln -s a.md b; ln -s b a.md; unet-trace show {TOY} -o a.md": (
        2,
        'Error: "a.md" cannot be written: Too many levels of symbolic links.\n',
    ),
    f"unet-trace check {TOY} /dev/null": (
        2,
        'Error: "/dev/null" is a pipe or a device: name a file.\n',
    ),
    "mkfifo t.json; unet-trace show t.json": (
        2,
        'Error: "t.json" is a pipe or a device: name a file.\n',
    ),
    f"mkfifo t.yaml; unet-trace check {TOY} t.yaml": (
        2,
        'Error: "t.yaml" is a pipe or a device: name a file.\n',
    ),
    f"mkfifo t.yaml; unet-trace diff {TOY} t.yaml": (
        2,
        'Error: "t.yaml" is a pipe or a device: name a file.\n',
    ),
    "mkfifo target; unet-trace show ./target": (
        2,
        'Error: "target" is a pipe or a device: name a file.\n',
    ),
    "mkfifo t.py; unet-trace show t.py:UNet": (
        2,
        'Error: "t.py" is a pipe or a device: name a file.\n',
    ),
    "mkdir t.json; unet-trace show t.json": (2, 'Error: "t.json" is a folder: name a file.\n'),
}
"""Lines of a shell, the status of the command, and all that it says."""


@pytest.mark.parametrize("script", TROUBLED)
def test_a_troubled_stream_or_file_is_one_message_and_the_right_status(
    script: str, tmp_path: Path
) -> None:
    done = in_shell(script, tmp_path)
    status, said = TROUBLED[script]
    told = "\n".join(
        line for line in done.stderr.decode().splitlines() if "were not checked" not in line
    )
    assert (done.returncode, done.stdout) == (status, b"")
    assert told == said.removesuffix("\n")


def test_the_number_of_troubled_streams_is_recorded(golden: Golden) -> None:
    check_figures(golden, "faults", {"troubled_streams": len(TROUBLED)})


@pytest.mark.parametrize("words", [("show", TOY, "--format", "html"), ("lock", TOY)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_file_that_may_not_grow_is_one_message(
    words: tuple[str, ...], unbuffered: str, tmp_path: Path
) -> None:
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILE,) * 2)  # noqa: E731
    kept = tmp_path / "kept"
    kept.write_bytes(b"old")
    variables = {"PYTHONUNBUFFERED": unbuffered}
    how = {"variables": variables, "preexec_fn": limit, "stderr": subprocess.PIPE}
    done = run(*words, "-o", "kept", folder=tmp_path, **how)
    assert done.returncode == 2
    assert done.stderr.endswith(b'Error: "kept" cannot be written: File too large.\n')
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.read_bytes() == b"old"
    with (tmp_path / "out").open("wb") as out:
        done = run(*words, folder=tmp_path, stdout=out, **how)
    assert done.returncode == 2
    assert done.stderr.decode().endswith(NO_OUTPUT.format("File too large"))


READ_ONLY = {
    ("show", TOY, "-o", "toy.md"): "toy.md",
    ("trace", TOY, "-o", "toy.json"): "toy.json",
    ("lock", TOY, "-o", "toy.yaml"): "toy.yaml",
    ("diagram", TOY, "-o", "toy.dot"): "toy.dot",
    ("schema", "-o", "schema.json"): "schema.json",
    ("check", TOY, "old.yaml", "--update"): "old.yaml",
}
"""Commands that write to the working folder, and what they would write."""


@pytest.mark.parametrize("words", READ_ONLY)
def test_a_folder_that_may_not_be_written_to_is_named(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    old = Path(LOCK).read_bytes().replace(b"ToyUNet", b"AnotherUNet")
    (tmp_path / "old.yaml").write_bytes(old)
    tmp_path.chmod(0o500)
    done = run(*words, folder=tmp_path, stderr=subprocess.PIPE, preexec_fn=obey_permissions)
    tmp_path.chmod(0o700)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[-1] == (
        f'Error: "{READ_ONLY[words]}" cannot be written: Permission denied.'
    )
    assert (tmp_path / "old.yaml").read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["old.yaml"]


def obey_permissions() -> None:
    """Take from a process that root starts the right to write everywhere."""
    if os.geteuid() == 0 and libc.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "root cannot give up its right to write everywhere")


# ------------------------------------------------------------------------------------- UTF-8


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp949"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONUNBUFFERED": "1"},
    ],
)
def test_redirected_text_and_a_file_have_the_same_bytes(
    variables: dict[str, str], files: dict[tuple[str, ...], bytes], tmp_path: Path
) -> None:
    for words, expected in files.items():
        with (tmp_path / "out").open("wb") as out:
            run(*words, folder=tmp_path, variables=variables, stdout=out, stderr=subprocess.PIPE)
        assert (tmp_path / "out").read_bytes() == expected


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], bytes]:
    """What commands write to a file, which has characters that are not in ASCII."""
    folder, found = tmp_path_factory.mktemp("files"), {}
    shutil.copy(TOY, folder / "toy.json")
    toy = folder / "toy.json"
    toy.write_text(toy.read_text(encoding="utf-8").replace("ToyUNet", "장난감"), encoding="utf-8")
    for words in [("cost", str(toy), "--format", "plain"), ("lock", str(toy))]:
        run(*words, "-o", "file", folder=folder)
        found[words] = (folder / "file").read_bytes()
        assert "장난감" in found[words].decode()
    return found


def test_a_terminal_that_lacks_a_character_shows_another(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    variables = {"PYTHONIOENCODING": "latin-1", "NO_COLOR": "1"}
    toy = tmp_path / "toy.json"
    text = Path(TOY).read_text(encoding="utf-8").replace("ToyUNet", "장난감")
    toy.write_text(text, encoding="utf-8")
    done = run(
        "stack",
        "toy.json",
        folder=tmp_path,
        variables=variables,
        stdout=follower,
        stderr=subprocess.PIPE,
    )
    os.close(follower)
    shown = os.read(leader, 1 << 16)
    os.close(leader)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"???" in shown


# ------------------------------------------------------------------------------------- signals

SEND = """
import os, signal, sys

class Sender:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Sender())
from tracer.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("number", "status", "said"), [(2, 130, "Interrupted.\n"), (15, 143, "Terminated.\n")]
)
@pytest.mark.parametrize(
    "module",
    ["click", "tracer.cli.app", "tracer.store", "msgspec", "tracer.render.tables.block_shapes"],
)
def test_a_signal_during_an_import_ends_the_command_with_one_message(
    module: str, number: int, status: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "toy.md").write_bytes(b"old")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SEND.format(module=module, number=number),
            "show",
            TOY,
            "-o",
            "toy.md",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


LOSES = """
import os, signal, sys, time
from tracer.cli import main, entry_point

def status(words, session):
    class Lost:
        def __del__(self):
            os.kill(os.getpid(), 2)
            time.sleep(0.01)
    Lost()
    time.sleep(60)

entry_point._status = status
sys.exit(main())
"""


def test_a_signal_that_python_has_lost_comes_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOSES],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


# ----------------------------------------------------------------------------- the working folder


def test_a_model_that_changes_the_folder_does_not_move_the_files(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moves = f"""
        import os

        class Moves(UNet):
            def forward(self, x):
                os.chdir({str(elsewhere)!r})
                return super().forward(x)
        """
    write(tmp_path, "model.py", UNET, moves)
    words = ["check", "model.py:Moves", "net.yaml", "--update", "--input", "x=1x3x8x8"]
    done = run(*words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    pair = ["diff", "model.py:Moves", "model.py:Moves", "--diagram", "both.svg", "-o", "both.md"]
    done = run(*pair, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(elsewhere.iterdir()) == []
    assert {"net.yaml", "both.svg", "both.md"} <= {path.name for path in tmp_path.iterdir()}
