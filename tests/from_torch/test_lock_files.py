"""Lock files of the models of the zoo, which have every kind of block, join and name."""

from __future__ import annotations

from tests.from_torch.zoo import Case, each_unet, quiet, traced
from tracer.snapshot import from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import compare

pytestmark = quiet


@each_unet
def test_a_model_has_the_shapes_of_its_own_lock_file(one: Case) -> None:
    drawn = snapshot_of(traced(one.name))
    text = to_lock(drawn)
    assert to_lock(from_lock(text)) == text
    assert compare(from_lock(text), drawn).same


@each_unet
def test_a_lock_file_knows_every_block_and_every_skip(one: Case) -> None:
    trace = traced(one.name)
    drawn = snapshot_of(trace)
    assert set(drawn.by_call) == set(trace.blocks)
    assert len([skip for skip in drawn.skips if skip.join]) == len(one.skips)
