"""tracer/site/content/executions.py: each execution of a statement, with the local variables."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from tests.example import example
from tracer.record import Change, Line, Trace, Value
from tracer.site.content.executions import Execution, executions_of, lines_that_ran
from tracer.site.content.function_source import Function, read_function
from tracer.site.content.statements import Statement


def seen(trace: Trace, function: str, code: str) -> list[Execution]:
    """The executions of the piece that contains `code`."""
    found = read_function(function)
    number = next(
        n
        for n, piece in enumerate(found.statements)
        if code in "\n".join(found.text(piece.start, piece.last))
    )
    return [run for run in executions_of(trace, found) if run.statement == number]


def shapes(run: Execution) -> dict[str, tuple[int | str, ...]]:
    return {name: value.shape for name, value in run.names}


def test_a_line_in_a_loop_runs_once_per_iteration() -> None:
    runs = seen(example(), "tests.toy_unet:ToyUNet.forward", "hs.pop()")
    assert [shapes(run)["h"][1] for run in runs] == [16, 8, 8]
    assert [change.depth for run in runs for change in run.changes] == [2, 1, 0]
    assert all(a.last <= b.first for a, b in pairwise(runs))


def test_each_call_of_a_block_is_one_execution() -> None:
    runs = seen(example(), "tests.toy_unet:ResBlock.forward", "self.shortcut(x)")
    assert [run.call for run in runs] == ["up.1.block.0", "up.0.block.0", "up.0.block.1"]


def test_arguments_are_locals_from_the_beginning() -> None:
    run = seen(example(), "tests.toy_unet:ResBlock.forward", "self.conv(x)")[0]
    assert shapes(run) == {"h": (1, 8, 16, 16)}
    assert {name: value.shape for name, value in run.after.items()} == {
        "x": (1, 8, 16, 16),
        "temb": (1, 16),
        "h": (1, 8, 16, 16),
    }


def test_the_return_value_of_a_forward_has_its_own_name() -> None:
    trace = example()
    run = seen(trace, "tests.toy_unet:ToyUNet.forward", "return")[0]
    assert run.names == (("return", trace.outputs[0]),)


def test_the_last_item_of_a_list_is_known_after_each_line() -> None:
    trace = example()
    runs = executions_of(trace, read_function("tests.toy_unet:ToyUNet.forward"))
    tops = [run.after["hs[-1]"].shape[1] if "hs[-1]" in run.after else None for run in runs]
    assert tops == [None, 8, 8, 8, 16, 16, 16, 16, 8, 8, 8, None, None]


def test_the_lines_of_one_statement_are_one_execution() -> None:
    function = Function("f", "f.py", 1, ("",) * 3, (), (several_lines(targets={"h"}),))
    trace = recorded((3, {}), (1, {"h": 1}), (3, {}), (2, {}), (1, {"h": 2}))
    runs = executions_of(trace, function)
    assert [dict(run.names)["h"].shape for run in runs] == [(1,), (2,)]
    assert [(run.first, run.last) for run in runs] == [(0, 2), (2, 5)]


def test_without_a_target_the_line_of_the_whole_expression_ends_it() -> None:
    function = Function("f", "f.py", 1, ("",) * 3, (), (several_lines(targets=set()),))
    runs = executions_of(recorded((2, {}), (1, {}), (2, {}), (1, {})), function)
    assert [(run.first, run.last) for run in runs] == [(0, 2), (2, 4)]


def test_a_list_that_is_made_anew_ends_a_statement_on_several_lines() -> None:
    function = Function("f", "f.py", 1, ("",) * 3, (), (several_lines(targets={"hs"}),))
    trace = recorded((2, {}), (1, {}), (2, {}), (1, {}))
    push = Change("push", "hs", Value("h", (1,), "float32"), 1)
    lines = [replace(line, changes=(push,)) if line.line == 1 else line for line in trace.lines]
    assert len(executions_of(replace(trace, lines=tuple(lines)), function)) == 2


def several_lines(targets: set[str]) -> Statement:
    return Statement("statement", 1, 1, 3, done=1, targets=frozenset(targets))


def recorded(*lines: tuple[int, dict[str, int]]) -> Trace:
    """A trace whose lines run one step each, and bind names to tensors of these sizes."""
    trace = example()
    return replace(
        trace,
        lines=tuple(
            Line("", "f", "f.py", at, n, n + 1, tuple((k, tensor(v)) for k, v in names.items()))
            for n, (at, names) in enumerate(lines)
        ),
    )


def tensor(size: int) -> Value:
    return Value(f"v{size}", (size,), "float32")


def test_lines_that_touched_no_tensor_ran_as_well() -> None:
    function = read_function("tests.toy_unet:ResBlock.forward")
    line = Line("mid", function.name, function.file, 30, 0, 1, before=(27, 29))
    elsewhere = replace(line, function="Other.forward", line=40)
    trace = replace(example(), lines=(line, elsewhere))
    assert lines_that_ran(trace, function) == {27, 29, 30}
