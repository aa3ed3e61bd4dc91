"""The lines of a model's source in the order in which they ran, with their operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.annotation.line_shapes import NamedShape
from tracer.annotation.shape_comments import comment_text
from tracer.record import Block, Line, Step, Trace

CALL_INDENT = "  "


def run_lines(
    trace: Trace, sources: Mapping[str, Sequence[str]], call: str | None = None
) -> Iterator[str]:
    """Yield the lines of a run, indented by call.

    Each line of source is followed by the operations that it ran itself, with the shapes that these
    read and wrote.

    Args:
        trace: A trace with lines.
        sources: The lines of each file, by its name in the trace.
        call: The call of a block; only what ran in it is shown. None for all.
    """
    depths = dict(_depths(trace.root, 0))
    base = depths.get(call or "", 0)
    current = None
    for line in trace.lines:
        if not line.touches_tensors or (call is not None and not _is_inside(line.block, call)):
            continue
        indent = CALL_INDENT * max(depths.get(line.block, 0) - base, 0)
        if (line.block, line.function) != current:
            current = line.block, line.function
            yield f"{indent}{line.block or trace.model}: {line.function} ({line.file})"
        yield _source_line(line, sources, indent + CALL_INDENT)
        for step in trace.steps[line.first : line.last]:
            if step.block == line.block and (step.file, step.line) == (line.file, line.line):
                yield f"{indent}{CALL_INDENT * 3}{_operation(step)}"


def _source_line(line: Line, sources: Mapping[str, Sequence[str]], indent: str) -> str:
    source = sources.get(line.file, ())
    text = source[line.line - 1].strip() if line.line <= len(source) else ""
    made = [NamedShape(name, value.shape) for name, value in line.names]
    comment = f"  # {comment_text(made)}" if made else ""
    return f"{indent}{line.line:>4}  {text}{comment}"


def _operation(step: Step) -> str:
    read = ", ".join(comment_text([NamedShape("", value.shape)]) for value in step.inputs)
    made = ", ".join(comment_text([NamedShape("", value.shape)]) for value in step.outputs)
    return f"{step.op} {read} -> {made}".replace("  ", " ")


def _depths(block: Block, depth: int) -> Iterator[tuple[str, int]]:
    yield block.call, depth
    for child in block.children:
        yield from _depths(child, depth + 1)


def _is_inside(block: str, call: str) -> bool:
    return block == call or block.startswith(f"{call}.") or not call
