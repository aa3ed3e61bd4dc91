"""Two code bases: layers are paired by their order, names and the grouping into modules are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.example import example
from tests.sketch import Sketch, conv
from tracer.record import Trace, Value
from tracer.snapshot import BlockSpec, Snapshot, TensorSpec, from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import Comparison, compare

TOY = snapshot_of(example())


def renamed(drawn: Snapshot) -> Snapshot:
    """The same model, without its trace, whose blocks are called otherwise."""
    blocks = (replace(block, call=other(block.call)) for block in drawn.blocks)
    skips = (
        replace(skip, source=other(skip.source), target=other(skip.target)) for skip in drawn.skips
    )
    return replace(drawn, blocks=tuple(blocks), skips=tuple(skips), trace=None)


def other(call: str) -> str:
    return ".".join(f"my_{name}" for name in call.split("."))


def begins(found: Comparison) -> list[str]:
    return [
        " ".join(filter(None, (one.change, one.name, one.what, one.before, one.after)))
        for one in found.root_causes
    ]


class Net:
    """A small UNet without attention, written in two styles that compute the same."""

    def __init__(self, *, early: bool = True, swapped: bool = False, shortcut: bool = True) -> None:
        self.early, self.swapped, self.shortcut = early, swapped, shortcut

    def paper(self) -> Trace:
        """Blocks are modules; the time embedding is projected where it is added."""
        run = Sketch()
        x, t = run.input("x", 1, 8, 8, 8), run.input("t", 1, 16)
        t = run.call("temb.dense", conv((1, 16)), t)
        first = run.call("conv_in", conv(), x)
        second = run.call("down.block", self._paper_block("down.block"), first, t)
        h = run.call("mid.block", self._paper_block("mid.block"), second, t)
        for place, skip in (("up.0", second), ("up.1", first)):
            h = run.op("cat", h, skip, shape=(1, 16, 8, 8))
            h = run.call(f"{place}.block", self._paper_block(f"{place}.block", "nin"), h, t)
        return run.trace(run.call("conv_out", conv(), h))

    def _paper_block(self, path: str, shortcut: str = "") -> Callable[..., Value]:
        def forward(run: Sketch, x: Value, t: Value) -> Value:
            h = run.call(f"{path}.conv1", conv((1, 8, 8, 8)), x)
            h = run.op("add", h, run.call(f"{path}.temb", conv((1, 8, 1, 1)), t))
            h = run.call(f"{path}.conv2", conv(), h)
            around = run.call(f"{path}.{shortcut}", conv((1, 8, 8, 8)), x) if shortcut else x
            return run.op("add", around, h)

        return forward

    def mine(self) -> Trace:
        """No blocks but layers; projections and shortcuts come first."""
        run = Sketch()
        x, t = run.input("image", 1, 8, 8, 8), run.input("time", 1, 16)
        t = run.call("mlp", conv((1, 16)), t)
        first = run.call("stem", conv(), x)
        second = self._my_block(run, "d", first, t)
        h = self._my_block(run, "m", second, t)
        skips = [first, second] if self.swapped else [second, first]
        for number, skip in enumerate(skips):
            h = run.op("cat", h, skip, shape=(1, 16, 8, 8))
            h = self._my_block(run, f"u{number}", h, t, shortcut=self.shortcut or not number)
        return run.trace(run.call("head", conv(), h))

    def _my_block(
        self, run: Sketch, name: str, x: Value, t: Value, *, shortcut: bool | None = None
    ) -> Value:
        time = run.call(f"{name}_time", conv((1, 8, 1, 1)), t)
        around = run.call(f"{name}_skip", conv((1, 8, 8, 8)), x) if shortcut else x
        h = run.op("add", run.call(f"{name}_a", conv((1, 8, 8, 8)), x), time)
        return run.op("add", run.call(f"{name}_b", conv(), h), around)


def drawn(trace: Trace) -> Snapshot:
    """The snapshot of a sketch, in which every layer has 100 parameters."""
    found = snapshot_of(trace)
    calls = [block.call for block in found.blocks]
    inside = {call: sum(one.startswith(f"{call}.") for one in calls) for call in calls}
    blocks = (replace(block, parameters=100 * (inside[block.call] or 1)) for block in found.blocks)
    return replace(found, blocks=tuple(blocks))


PAPER = drawn(Net().paper())


def test_another_name_for_everything_begins_no_difference() -> None:
    found = compare(renamed(TOY), TOY)
    assert found.root_causes == ()
    assert found.same_but_for_names
    assert not found.same
    assert found.layers is not None
    assert found.layers.paired == found.layers.before == found.layers.after == 22
    assert found.old_names["mid.attn"] == "my_mid.my_attn"


def test_models_whose_names_are_the_same_are_compared_by_them() -> None:
    assert compare(TOY, TOY).layers is None


def test_the_same_computation_in_another_style_is_the_same_structure() -> None:
    for found in (
        compare(drawn(Net().mine()), PAPER),
        compare(PAPER, drawn(Net().mine())),
        compare(PAPER, from_lock(to_lock(renamed(PAPER)))),
    ):
        assert begins(found) == []
        assert found.same_but_for_names


def test_a_layer_that_is_fed_by_others_is_told() -> None:
    found = compare(drawn(Net(swapped=True).mine()), PAPER)
    assert begins(found) == [
        "changed up.1.block.conv1 fed by d_b -",
        "changed up.0.block source stem down.block",
        "changed up.1.block source d_b conv_in",
    ]


def attended(
    run: Sketch, path: str, x: Value, *, fused: bool, projected: bool, residual: bool
) -> Value:
    """Attention over a feature map, with one layer for queries, keys and values, or with three."""

    def forward(run: Sketch, x: Value) -> Value:
        h = run.call(f"{path}.norm", conv(), x, kind="GroupNorm")
        names = ["qkv"] if fused else ["q", "k", "v"]
        shape = (1, 24, 8, 8) if fused else ()
        h = run.op("sdpa", *(run.call(f"{path}.{name}", conv(shape), h) for name in names))
        h = run.op("view", h, shape=(1, 8, 8, 8))
        h = run.call(f"{path}.proj", conv(), h) if projected else h
        return run.op("add", x, h) if residual else h

    return run.call(path, forward, x, kind="Attention")


def with_attention(
    prefix: str, *, fused: bool, projected: bool, residual: bool = True, skip_from: str = "attn"
) -> Snapshot:
    """A model whose skips come out of attention, or out of the layer before it."""
    run = Sketch()
    h, skips = run.call(f"{prefix}in", conv(), run.input("x", 1, 8, 8, 8)), []
    for number in range(2):
        before = run.call(f"{prefix}down{number}.conv", conv(), h)
        path = f"{prefix}down{number}.attn"
        h = attended(run, path, before, fused=fused, projected=projected, residual=residual)
        skips.append(h if skip_from == "attn" else before)
    h = run.call(f"{prefix}mid", conv(), h)
    for number, skip in enumerate(reversed(skips)):
        h = run.op("cat", h, skip, shape=(1, 16, 8, 8))
        h = run.call(f"{prefix}up{number}", conv((1, 8, 8, 8)), h)
    found = drawn(run.trace(run.call(f"{prefix}out", conv(), h)))
    counts = {"norm": 16, "qkv": 216, "q": 72, "k": 72, "v": 72, "proj": 72, "conv": 584}
    blocks = (
        replace(block, parameters=counts.get(block.call.rpartition(".")[2], block.parameters))
        for block in found.blocks
    )
    return replace(found, blocks=tuple(blocks))


STYLES = [
    {"fused": fused, "projected": projected, "residual": residual}
    for fused in (True, False)
    for projected in (True, False)
    for residual in (True, False)
]


@pytest.mark.parametrize("one", STYLES)
@pytest.mark.parametrize("two", STYLES)
def test_skips_out_of_attention_that_is_written_otherwise_have_the_same_source(
    one: dict[str, bool], two: dict[str, bool]
) -> None:
    found = compare(with_attention("a_", **one), with_attention("b_", **two))
    assert found.layers is not None
    assert [diff for diff in found.differences if diff.what in {"source", "target"}] == []


@pytest.mark.parametrize("fused", [True, False])
def test_a_skip_out_of_another_block_is_named_as_each_model_names_it(fused: bool) -> None:
    one = with_attention("a_", fused=fused, projected=True)
    two = with_attention("b_", fused=not fused, projected=True, skip_from="conv")
    sources = [
        (diff.before, diff.after) for diff in compare(one, two).differences if diff.what == "source"
    ]
    assert sources == [("a_down0.attn", "b_down0.conv"), ("a_down1.attn", "b_down1.conv")]


@pytest.mark.parametrize("one", STYLES)
@pytest.mark.parametrize("skip_from", ["attn", "conv"])
def test_what_stands_for_the_first_model_has_its_names(
    one: dict[str, bool], skip_from: str
) -> None:
    before = with_attention("a_", **one, skip_from=skip_from)
    after = with_attention("b_", fused=False, projected=True)
    for diff in compare(before, after).differences:
        assert "b_" not in diff.before
        assert "a_" not in diff.after
        assert "b_" not in diff.old_name


def test_a_layer_that_one_of_them_has_not_explains_what_is_fed_otherwise() -> None:
    found = compare(drawn(Net(shortcut=False).mine()), PAPER)
    assert begins(found) == ["added up.1.block.nin block Block"]
    assert any(one.what == "fed by" for one in found.differences)


def test_a_block_that_one_of_them_has_not_is_told_with_its_layers() -> None:
    mine = renamed(TOY)
    blocks = tuple(block for block in mine.blocks if "my_attn" not in block.call)
    found = compare(replace(mine, blocks=blocks), TOY)
    assert begins(found) == ["added mid.attn block Attention"]
    assert found.root_causes[0].blocks == 3


def test_wider_layers_are_still_paired() -> None:
    def wider(block: BlockSpec) -> BlockSpec:
        sides = tuple(
            tuple(_doubled(one) for one in side) for side in (block.inputs, block.outputs)
        )
        return replace(
            block,
            kind=TOY.by_call[names[block.call]].kind,
            inputs=sides[0],
            outputs=sides[1],
            parameters=block.parameters * 4,
        )

    mine = renamed(TOY)
    names = {new.call: old.call for old, new in zip(TOY.blocks, mine.blocks, strict=True)}
    found = compare(replace(mine, blocks=tuple(map(wider, mine.blocks))), TOY)
    assert found.layers is not None
    assert found.layers.paired == found.layers.after
    assert not [one for one in found.differences if one.change in {"added", "removed"}]


def _doubled(tensor: TensorSpec) -> TensorSpec:
    return replace(tensor, shape=tuple(int(size) * 2 for size in tensor.shape))


def test_a_skip_that_is_joined_in_another_order_is_told() -> None:
    mine = renamed(TOY)
    last = replace(mine.skips[-1], operands=("skip 16", "h 16"))
    found = compare(replace(mine, skips=(*mine.skips[:-1], last)), TOY)
    assert begins(found) == ["changed up.1.block.0 join cat(skip 16, h 16) cat(h 16, skip 16)"]


@pytest.mark.parametrize("swap", [False, True])
def test_a_size_of_the_image_that_is_another_is_said_first(swap: bool) -> None:
    larger = replace(renamed(TOY).model, inputs=tuple(map(_doubled, TOY.model.inputs)))
    pair = (replace(renamed(TOY), model=larger), TOY)
    found = compare(*reversed(pair)) if swap else compare(*pair)
    assert found.root_causes[0].name == ""
    assert found.root_causes[0].what == "inputs"
