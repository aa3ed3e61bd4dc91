"""The calls of functions are told apart, and each knows the line that made it."""

from __future__ import annotations

from dataclasses import replace

from tests.example import SOURCE, example
from tracer.record import Line, Trace
from tracer.render.explorer.call_frames import CallFrames, find_frames


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
    found = find_frames(trace)
    assert callers(trace, found)[:4] == [
        ("ToyUNet.forward", ""),
        ("ResBlock.forward", "h = self.down[0].block(hs[-1], temb)"),
        ("ResBlock.forward", "h = self.mid.block(hs[-1], temb)"),
        ("Attention.forward", "h = self.mid.attn(h)"),
    ]
    blocks = [found.frames[number].block for number in found.of_lines]
    assert blocks == [line.block for line in trace.lines]


def test_a_line_of_the_caller_ends_the_frames_below_it() -> None:
    def line(function: str, number: int, first: int, last: int) -> Line:
        return Line("", function, "net.py", number, first, last)

    lines = line("f", 1, 0, 2), line("g", 9, 0, 2), line("f", 2, 2, 3), line("g", 9, 2, 3)
    found = find_frames(replace(example(), lines=lines))
    assert found.of_lines == (0, 1, 0, 2)
    assert [(one.parent, one.called_by) for one in found.frames] == [(-1, -1), (0, 0), (0, 2)]


def test_a_trace_without_lines_has_no_frames() -> None:
    assert find_frames(replace(example(), lines=())) == CallFrames((), ())
