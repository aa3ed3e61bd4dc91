"""tracer/render/diagram/graphviz_program.py: finding a Graphviz, and running it."""

from __future__ import annotations

import fcntl
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Golden
from tests.example import example, links, symbolic_example
from tests.render.ladders import ladder
from tests.robustness.robustness_figures import check_figures
from tracer.analysis.skips import SkipLink
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.diagram import graphviz_program
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import (
    CannotDrawError,
    Drawing,
    Program,
    ProgramOutput,
    draw_dot,
    programs,
    render_dot,
    run_program,
)

SOURCE = "digraph { a -> b }"
NOWHERE = {"PATH": "/nonexistent"}
BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}


def program(folder: Path, name: str, body: str) -> Path:
    """An executable that runs Python lines instead of Graphviz."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "dot"])
def test_every_format_is_drawn_without_a_system_graphviz(form: str) -> None:
    assert render_dot(SOURCE, form, NOWHERE).startswith(BEGINNINGS[form])


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_drawing_is_the_same_each_time(form: str) -> None:
    assert render_dot(SOURCE, form, NOWHERE) == render_dot(SOURCE, form, NOWHERE)


def test_the_text_in_a_pdf_can_be_searched() -> None:
    assert b"/Helvetica" in render_dot(SOURCE, "pdf", NOWHERE)


@pytest.mark.parametrize(
    ("trace", "skips", "block"),
    [
        (example(), links(example()), None),
        (example(), links(example()), "mid.attn"),
        (symbolic_example(), links(symbolic_example()), None),
        (*ladder(4, 2), None),
    ],
)
def test_diagrams_are_drawn_without_warnings(
    trace: Trace, skips: tuple[SkipLink, ...], block: str | None
) -> None:
    source = digraph(trace, block, links=skips).source
    for found in programs(NOWHERE):
        assert run_program(source, "svg", found).messages == ""


def test_the_programs_are_tried_in_order_variable_dot_bundled(tmp_path: Path) -> None:
    write = 'sys.stdout.write(\'<svg xmlns="http://www.w3.org/2000/svg" id="{}"/>\')'
    dot = program(tmp_path, "dot", write.format("dot"))
    mine = program(tmp_path, "mine", write.format("mine"))
    path = {"PATH": str(tmp_path)}
    named = path | {"UNET_TRACE_DOT": str(mine)}
    assert [found.path for found in programs(named)][:2] == [str(mine), str(dot)]
    assert b'id="mine"' in render_dot(SOURCE, "svg", named)
    assert b'id="dot"' in render_dot(SOURCE, "svg", path)
    assert [found.name for found in programs(NOWHERE)] == ["graphviz-pure"]


def test_a_program_that_the_variable_names_is_not_tried_twice() -> None:
    bundled = next(programs(NOWHERE)).path
    assert [found.path for found in programs(NOWHERE | {"UNET_TRACE_DOT": bundled})] == [bundled]


def test_the_bundled_program_draws_pdf_also_if_the_variable_names_it() -> None:
    bundled = next(programs(NOWHERE)).path
    assert render_dot(SOURCE, "pdf", {"UNET_TRACE_DOT": bundled}).startswith(BEGINNINGS["pdf"])


def test_the_dot_text_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    assert render_dot(SOURCE, "dot", NOWHERE) == SOURCE.encode()


def test_without_any_graphviz_the_message_names_both_ways_to_install_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: "/nonexistent")
    with pytest.raises(TraceError) as caught:
        render_dot(SOURCE, "png", NOWHERE)
    assert str(caught.value) == (
        "No Graphviz program to draw png was found. Install one for this Python (`pip install "
        "'unet-trace[draw]'`) or for the whole system (`apt-get install graphviz`, `brew install "
        "graphviz`), or use the format dot, which needs none."
    )


PNG = render_dot(SOURCE, "png", NOWHERE)
PDF = render_dot(SOURCE, "pdf", NOWHERE)
DAMAGED = PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:]
WRITE = "sys.stdout.buffer.write({!r})"

CANNOT_DRAW = {
    "no_plugins": (
        "svg",
        "sys.exit('Format: \"svg\" not recognized. Use one of: canon cmap dot.')",
        'exited with status 1 and wrote no svg: Format: "svg" not recognized. Use one of: canon',
    ),
    "not_configured": (
        "svg",
        "sys.exit('No support for dot\\nPerhaps \"dot -c\" needs to be run')",
        'wrote no svg: Perhaps "dot -c" needs to be run.',
    ),
    "segmentation_fault": ("svg", "import os; os.kill(os.getpid(), 11)", "was killed by signal 11"),
    "killed": ("png", "import os; os.kill(os.getpid(), 9)", "was killed by signal 9"),
    "empty_svg": ("svg", "sys.exit(0)", "drew no svg: it wrote nothing."),
    "empty_pdf": ("pdf", "sys.exit(0)", "drew no svg: it wrote nothing."),
    "garbage_svg": ("svg", WRITE.format(b"hello"), "is not well-formed XML (syntax error"),
    "garbage_png": ("png", WRITE.format(b"hello"), "what it wrote is not a PNG."),
    "garbage_pdf": ("pdf", WRITE.format(b"hello"), "is not well-formed XML"),
    "not_utf_8": ("svg", WRITE.format(b"<svg>\xff</svg>"), "is not well-formed XML"),
    "another_xml": ("svg", WRITE.format(b"<html/>"), "what it wrote is XML, but not an SVG."),
    "unknown_encoding": (
        "svg",
        WRITE.format(b"<?xml version='1.0' encoding='no-such'?><svg/>"),
        "is not well-formed XML",
    ),
    "truncated_svg": (
        "svg",
        WRITE.format(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g>'),
        "is not well-formed XML (no element found",
    ),
    "truncated_png": ("png", WRITE.format(PNG[:-8]), "the PNG that it wrote is cut off."),
    "half_a_png": ("png", WRITE.format(PNG[: len(PNG) // 2]), "the PNG that it wrote is cut off."),
    "damaged_png": ("png", WRITE.format(DAMAGED), "the PNG that it wrote is damaged."),
    "more_than_a_png": ("png", WRITE.format(PNG + b"x"), "other bytes follow the PNG"),
    "truncated_pdf": (
        "pdf",
        f"sys.stdout.buffer.write({PDF[:-40]!r} if 'pdf' in sys.argv[1] else b'')",
        "drew no svg: it wrote nothing.",
    ),
    "endless_output": (
        "svg",
        "while True: sys.stdout.write('A' * 1000000)",
        "wrote more than 64 MiB, which no drawing has.",
    ),
    "endless_messages": (
        "svg",
        "while True: sys.stderr.write('A' * 1000000)",
        "wrote more than 64 MiB, which no drawing has.",
    ),
    "hangs": ("svg", "time.sleep(60)", "did not finish within 0.5 seconds."),
    "hangs_in_a_child": (
        "svg",
        "import subprocess; subprocess.run(['sleep', '60'])",
        "did not finish within 0.5 seconds.",
    ),
    "leaves_a_child": (
        "svg",
        "import subprocess; subprocess.Popen(['sleep', '60'])",
        "did not finish within 0.5 seconds.",
    ),
    "escape_sequences": ("svg", r"sys.exit('\x1b]0;title\x07 no')", "wrote no svg: ?]0;title? no."),
    "stays_silent": ("png", "sys.exit(3)", "exited with status 3 and wrote no png. "),
}
"""Programs that cannot draw: the format that is asked for, what they do, and what is said."""


def seconds(case: str) -> float | None:
    return 0.5 if "hangs" in case or "leaves" in case else None


@pytest.mark.parametrize("case", CANNOT_DRAW)
def test_a_program_that_cannot_draw_is_passed_over_with_one_line(tmp_path: Path, case: str) -> None:
    form, body, said = CANNOT_DRAW[case]
    path = program(tmp_path, "dot", body)
    limit = seconds(case)
    bundled = next(programs(NOWHERE))
    drawing = draw_dot(SOURCE, form, {"PATH": str(tmp_path)}, timeout=limit)
    assert drawing.data == render_dot(SOURCE, form, NOWHERE)
    assert said in drawing.passed_over
    assert drawing.passed_over.startswith(f"dot ({path}) ")
    assert drawing.passed_over.endswith(f" {bundled.name} drew instead.")
    assert drawing.passed_over.isprintable()


def test_the_number_of_programs_that_cannot_draw_is_recorded(golden: Golden) -> None:
    check_figures(golden, "faults", {"programs_that_cannot_draw": len(CANNOT_DRAW)})


@pytest.mark.parametrize("path", ["/nonexistent/dot", "/dev/null", "/tmp", "{folder}/text"])
def test_a_program_that_cannot_be_run_is_passed_over(tmp_path: Path, path: str) -> None:
    (tmp_path / "text").write_bytes(b"\x7fELF no program")
    (tmp_path / "text").chmod(0o755)
    chosen = path.format(folder=tmp_path)
    drawing = draw_dot(SOURCE, "svg", NOWHERE | {"UNET_TRACE_DOT": chosen})
    assert drawing.data == render_dot(SOURCE, "svg", NOWHERE)
    assert drawing.passed_over.startswith(f"UNET_TRACE_DOT ({chosen}) cannot be run: ")


def test_what_a_hanging_program_has_started_is_ended_with_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    held = f"import fcntl, os; file = open({str(lock)!r}, 'w'); fcntl.flock(file, fcntl.LOCK_EX)"
    path = program(tmp_path, "dot", f"{held}; os.fork(); time.sleep(60)")
    before = time.monotonic()
    with pytest.raises(CannotDrawError, match="did not finish"):
        run_program(SOURCE, "svg", Program("dot", str(path)), timeout=0.5)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # both processes have ended
    assert time.monotonic() - before < 30


def test_a_program_without_pdf_draws_one_by_way_of_its_svg(tmp_path: Path) -> None:
    other = "digraph { other }"
    svg = render_dot(other, "svg", NOWHERE)
    no_pdf = f"'pdf' in sys.argv[1] and sys.exit('Format: not recognized'); {WRITE.format(svg)}"
    program(tmp_path, "dot", no_pdf)
    drawing = draw_dot(SOURCE, "pdf", {"PATH": str(tmp_path)})
    assert drawing == Drawing(render_dot(other, "pdf", NOWHERE))


def test_if_no_program_can_draw_each_is_named_in_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "scripts"))
    (tmp_path / "scripts").mkdir()
    first = program(tmp_path, "dot", "sys.exit('Error: out of ink')")
    second = program(tmp_path / "scripts", "graphviz-pure", "sys.exit(0)")
    with pytest.raises(TraceError) as caught:
        render_dot(SOURCE, "svg", {"PATH": str(tmp_path)})
    assert str(caught.value) == (
        f"dot ({first}) exited with status 1 and wrote no svg: Error: out of ink. graphviz-pure "
        f"({second}) drew no svg: it wrote nothing. Set UNET_TRACE_DOT to another Graphviz, or use "
        "the format dot, which needs none."
    )


def test_a_large_graph_is_given_more_time_than_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    def run(source: str, form: str, program: Program, timeout: float) -> ProgramOutput:
        given.append(timeout)
        raise CannotDrawError("no.")

    monkeypatch.setattr(graphviz_program, "run_program", run)
    program(tmp_path, "dot", "")
    for source in (SOURCE, SOURCE + " " * 200_000):
        with pytest.raises(TraceError):
            render_dot(source, "svg", {"PATH": str(tmp_path)})
    small, _, large, last = given
    assert small < 5
    assert 20 < large < last
    assert last == graphviz_program.TIMEOUT


def test_a_syntax_error_is_reported_in_graphviz_words() -> None:
    with pytest.raises(TraceError, match="syntax error in line 1"):
        render_dot("digraph {", "svg", NOWHERE)
