"""The calls of functions are told apart, and each knows the line that made it."""

from __future__ import annotations

from dataclasses import replace

from tests.example import FILE, SOURCE, example
from tracer.record import Line, Trace
from tracer.render.explorer.call_frames import CallFrames, find_frames
from tracer.render.explorer.source_functions import find_functions


def frames_of(trace: Trace, source: str = "\n".join(SOURCE)) -> CallFrames:
    files = dict.fromkeys((line.file for line in trace.lines), source)
    return find_frames(trace, find_functions(trace, files))


def without_frames(trace: Trace) -> Trace:
    """As an earlier version recorded it."""
    return replace(trace, lines=tuple(replace(line, frame=-1) for line in trace.lines))


def callers(trace: Trace, found: CallFrames) -> list[tuple[str, str]]:
    """The function of each frame, and the code of the line that called it."""
    return [
        (
            frame.function,
            SOURCE[trace.lines[frame.called_by].line - 1].strip() if frame.parent >= 0 else "",
        )
        for frame in found.frames
    ]


def test_each_call_of_a_block_is_a_frame_below_the_line_that_called_it() -> None:
    trace = example()
    found = frames_of(trace)
    assert callers(trace, found)[:4] == [
        ("ToyUNet.forward", ""),
        ("ResBlock.forward", "h = self.down[0].block(hs[-1], temb)"),
        ("ResBlock.forward", "h = self.mid.block(hs[-1], temb)"),
        ("Attention.forward", "h = self.mid.attn(h)"),
    ]
    blocks = [found.frames[number].block for number in found.of_lines]
    assert blocks == [line.block for line in trace.lines]


def line(function: str, frame: int, number: int, first: int, last: int) -> Line:
    return Line("", function, FILE, number, first, last, frame=frame)


def test_frames_that_were_not_recorded_are_inferred() -> None:
    trace = example()
    assert frames_of(without_frames(trace)) == frames_of(trace)


def test_a_line_of_the_caller_ends_the_frames_below_it() -> None:
    lines = (
        line("f", 0, 1, 0, 2),
        line("g", 1, 9, 0, 2),
        line("f", 0, 2, 2, 3),
        line("g", 2, 9, 2, 3),
    )
    trace = replace(example(), lines=lines)
    for one in (trace, without_frames(trace)):
        found = frames_of(one, "")
        assert found.of_lines == (0, 1, 0, 2)
        assert [(one.parent, one.called_by) for one in found.frames] == [(-1, -1), (0, 0), (0, 2)]


TWICE = """def f(x):
    return g(g(x))

def g(x):
    return x.abs()
"""


def test_two_calls_on_one_line_are_called_by_that_line() -> None:
    """A call that runs no operation is inside the steps of the call before it."""
    lines = line("f", 0, 2, 0, 1), line("g", 1, 5, 0, 1), line("g", 2, 5, 1, 1)
    found = frames_of(replace(example(), lines=lines), TWICE)
    assert [frame.called_by for frame in found.frames] == [-1, 0, 0]


def test_the_function_of_a_block_is_its_forward_whatever_ran_before() -> None:
    lines = line("Net.__getattr__", 0, 9, 0, 0), line("Net.forward", 1, 2, 0, 1)
    found = frames_of(replace(example(), lines=lines), "")
    assert found.functions_of_blocks() == {"": (FILE, "Net.forward")}
    only = frames_of(replace(example(), lines=lines[:1]), "")
    assert only.functions_of_blocks() == {"": (FILE, "Net.__getattr__")}


def test_a_function_may_call_itself() -> None:
    source = "def f(x, n):\n    return f(x, n - 1) if n else x.abs()\n"
    lines = line("f", 0, 2, 0, 1), line("f", 1, 2, 0, 1), line("f", 2, 2, 0, 1)
    found = frames_of(replace(example(), lines=lines), source)
    assert [frame.parent for frame in found.frames] == [-1, 0, 1]


def test_a_generator_is_one_frame_however_often_it_goes_on() -> None:
    lines = (
        line("f", 0, 1, 0, 1),
        line("g", 1, 9, 0, 1),
        line("f", 0, 2, 1, 2),
        line("f", 0, 1, 2, 3),
        line("g", 1, 9, 2, 3),
    )
    found = frames_of(replace(example(), lines=lines), "")
    assert (found.of_lines, len(found.frames)) == ((0, 1, 0, 0, 1), 2)


def test_a_trace_without_lines_has_no_frames() -> None:
    assert frames_of(replace(example(), lines=())) == CallFrames((), ())


CHECKED = """def f(x):
    check(x)
    return x.abs()

def check(x):
    require(x)

def require(x):
    assert x.ndim == 4
"""


def test_a_call_that_touched_no_tensor_is_named_by_the_next_line_of_its_caller() -> None:
    lines = (
        line("require", 2, 9, 0, 0),
        line("check", 1, 6, 0, 0),
        replace(line("f", 0, 3, 0, 1), before=(2,)),
    )
    found = frames_of(replace(example(), lines=lines), CHECKED)
    assert [frame.function for frame in found.frames] == ["f", "check", "require"]
    assert [(one.parent, one.called_by) for one in found.frames] == [(-1, -1), (0, 2), (1, 1)]
