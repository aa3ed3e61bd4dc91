"""The text of a lock file, and that nothing is lost between a snapshot and its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Golden
from tests.example import example, symbolic_example
from tests.sketch import Sketch, conv
from tracer.record import Trace, Value
from tracer.snapshot import (
    BlockSpec,
    LockFileError,
    SizeRulesSpec,
    SkipSpec,
    Snapshot,
    TensorSpec,
    from_lock,
    is_damaged,
    snapshot_of,
    to_lock,
)

LAW = SizeRulesSpec(
    {"x": ("B", "3", "H", "W"), "t": ("B",)},
    {"B": "any", "H": "multiples of 2, at least 2", "W": "8 only"},
)


def odd() -> Snapshot:
    """A snapshot with everything that is hard to write down."""
    image = TensorSpec((1, 8, 4, 4), "float32")
    half = TensorSpec((2, "H*W/16+77"), "float16")
    return Snapshot(
        target="my_unet.py:UNet --set ch=1,2",
        model=BlockSpec("", "Odd[int]", (image, half), (image, half), 12, flops=5),
        skips=(
            SkipSpec("0", "a.b", image, "cat", ("h 8", "skip 8"), ("pad", "crop")),
            SkipSpec("", "", half, "add"),
            SkipSpec("no", "", image),
        ),
        blocks=(
            BlockSpec("0", "Identity", (), (), 0),
            BlockSpec("1.5", "Identity", (image,), (TensorSpec((), "int64"),), 0),
            BlockSpec("a.b", "Identity", (image,), (image,), 0),
            BlockSpec("no", "A: #strange 'class'", (image,), (image,), 7, residuals=2),
            BlockSpec("a.b@1", "Café(x)", (image,), (image,), 1_234_567, residuals=1),
        ),
        buffers=3,
        size_rules=SizeRulesSpec(
            {"x": ("B", "3", "H", "W"), "no": ("H*W/16+77",)},
            {"B": "any", "H": "multiples of 8, at least 8", "W": "1 or 8 only", "no": "1 to 6"},
        ),
    )


def test_the_text_of_a_lock_file(golden: Golden) -> None:
    golden("toy_unet.shapes.yaml", to_lock(snapshot_of(example())))


@pytest.mark.parametrize("trace", [example(), symbolic_example()], ids=["numbers", "formulas"])
def test_a_lock_file_is_read_as_it_was_written(trace: Trace) -> None:
    drawn = snapshot_of(trace)
    plain = replace(drawn, blocks=tuple(replace(one, flops=None) for one in drawn.blocks))
    assert drawn.model.flops
    assert from_lock(to_lock(drawn)) == plain


def test_whatever_stands_in_a_name_is_read_as_it_was_written() -> None:
    assert from_lock(to_lock(odd())) == odd()


def test_one_changed_block_is_one_changed_line() -> None:
    drawn = snapshot_of(example())
    wider = replace(drawn.blocks[3], parameters=1)
    other = replace(drawn, blocks=(*drawn.blocks[:3], wider, *drawn.blocks[4:]))
    pairs = zip(to_lock(drawn).splitlines(), to_lock(other).splitlines(), strict=True)
    assert sum(one != two for one, two in pairs) == 1


def test_a_law_is_the_names_of_sizes_and_what_they_have_to_be() -> None:
    rules = {"H": "multiples of 2, at least 2", "W": "8 only"}
    law = SizeRulesSpec({"x": ("B", "3", "H", "W")}, rules)
    lines = to_lock(replace(snapshot_of(example()), size_rules=law)).splitlines()
    start = lines.index("inputs:  # with names for the sizes that may vary")
    assert lines[start + 1 : start + 5] == [
        "  x: B 3 H W",
        "law:  # what these sizes have to be",
        "  H: multiples of 2, at least 2",
        '  W: "8 only"',
    ]


@pytest.mark.parametrize("law", [None, SizeRulesSpec({}, {})], ids=["not known", "nothing varies"])
def test_no_law_is_not_the_same_as_an_empty_one(law: SizeRulesSpec | None) -> None:
    assert from_lock(to_lock(replace(snapshot_of(example()), size_rules=law))).size_rules == law


def test_the_line_of_a_block_holds_what_its_own_forward_adds() -> None:
    def add_twice(run: Sketch, x: Value) -> Value:
        h = run.call("block.conv", conv(), x)
        return run.op("add", run.op("add", h, x), x)

    run = Sketch()
    trace = run.trace(run.call("block", add_twice, run.input("x", 1, 8, 4, 4)))
    assert "block: Block([1 8 4 4]) -> [1 8 4 4]; residual x2\n" in to_lock(snapshot_of(trace))


def test_a_tensor_that_is_put_aside_and_never_joined_is_told_of() -> None:
    trace = example()
    unpopped = tuple(
        replace(line, changes=tuple(one for one in line.changes if one.kind == "push"))
        for line in trace.lines
    )
    steps = tuple(replace(s, op="mul") if s.op == "cat" else s for s in trace.steps)
    skips = snapshot_of(replace(trace, lines=unpopped, steps=steps)).skips
    assert [(skip.source, skip.join) for skip in skips] == [
        ("conv_in", None),
        ("down.0.block", None),
        ("down.0.downsample", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "x.yaml: not a lock file"),
        ("", "x.yaml: not a lock file"),
        ("format: unet-trace-lock/1\n- a", "x.yaml, line 2: invalid YAML; write it again with"),
        ("a: 1", "x.yaml: not a lock file; write one with `unet-trace lock TARGET -o FILE`."),
        ("format: unet-trace/1", "x.yaml: not a lock file; "),
        (
            "format: unet-trace-lock/3",
            'x.yaml: the format is "unet-trace-lock/3", but this version reads '
            '"unet-trace-lock/2"; write it again with `unet-trace lock`, or with '
            "`unet-trace check --update`.",
        ),
        (
            "format: unet-trace-lock/1\ntarget: a",
            "x.yaml: Object missing required field `model`; write it again with `unet-trace lock`",
        ),
    ],
)
def test_what_is_no_lock_file_is_told(text: str, said: str) -> None:
    with pytest.raises(LockFileError) as error:
        from_lock(text, "x.yaml")
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("conv_in: Conv2d(", 'x.yaml: blocks: conv_in: cannot parse "strange"'),
        ("- conv_in ->", 'x.yaml: skips: cannot parse "strange"'),
        ("model: ToyUNet", 'x.yaml: model: cannot parse "strange"'),
        ("H: multiples of 2", 'x.yaml: law: H: cannot parse "strange"'),
    ],
)
def test_a_line_that_was_changed_by_hand_is_told(line: str, said: str) -> None:
    lines = to_lock(replace(snapshot_of(example()), size_rules=LAW)).splitlines()
    number = next(n for n, text in enumerate(lines) if text.strip().startswith(line))
    head = line.partition(" ")[0]
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    lines[number] = f"{indent}{head} strange"
    with pytest.raises(LockFileError) as error:
        from_lock("\n".join(lines), "x.yaml")
    assert str(error.value).startswith(said)


def test_a_size_that_is_no_formula_is_told() -> None:
    text = to_lock(snapshot_of(example())).replace("-> [1 8 16 16]; 224", "-> [1 8 1.5 16]; 224")
    with pytest.raises(LockFileError, match=r"^x.yaml: blocks: conv_in: cannot parse"):
        from_lock(text, "x.yaml")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            lambda text: text + text.splitlines()[-1] + "\n",
            "x.yaml, line 54: conv_out occurs twice",
        ),
        (
            lambda text: text.replace("blocks: 30", "blocks: 29"),
            "x.yaml: totals: 29 blocks expected, 30 found",
        ),
        (lambda text: text[: text.rindex("  conv_out")], "x.yaml: totals: 30 blocks expected"),
        (lambda text: text.replace("t: B", "t: Q"), "x.yaml: inputs: t: no rule for Q"),
        (
            lambda text: "<<<<<<< ours\n" + text,
            "x.yaml, line 1: unresolved merge conflict",
        ),
    ],
    ids=["twice", "another number", "cut off", "no law", "conflict"],
)
def test_lines_that_do_not_go_together_are_told(edit: Callable[[str], str], said: str) -> None:
    text = to_lock(replace(snapshot_of(example()), size_rules=LAW))
    assert edit(text) != text
    with pytest.raises(LockFileError) as error:
        from_lock(edit(text), "x.yaml")
    assert str(error.value).startswith(said)


def test_comments_endings_of_lines_and_a_mark_in_front_do_not_matter() -> None:
    text = to_lock(snapshot_of(example()))
    for same in (text.replace("\n", "\r\n"), f"\ufeff{text}", f"# ours\n{text}\n\n"):
        assert from_lock(same) == from_lock(text)


def test_only_a_lock_file_can_be_damaged(tmp_path: Path) -> None:
    path, text = tmp_path / "x.yaml", to_lock(snapshot_of(example()))
    for damaged, expected in ((text, False), (text[:300], True), (f"<<<<<<<\n{text}", True)):
        path.write_text(damaged, encoding="utf-8")
        assert is_damaged(path) is expected
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LockFileError, match="not a lock file"):
        is_damaged(path)
