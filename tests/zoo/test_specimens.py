"""The tracer on UNets of published packages: `make zoo` installs them and runs this."""

from __future__ import annotations

from collections import Counter
from os.path import relpath

import pytest

import tracer
from tests.conftest import GOLDEN, Golden
from tests.from_torch.capture.isolation.made_fakes import fakes, watching
from tests.zoo.measures import bare_run, built, filled, fresh, recorded, traced, verdict
from tests.zoo.parameters import each_real_specimen, each_specimen, zoo
from tests.zoo.record import RECORD, as_text, row
from tests.zoo.specimens import Specimen
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import SkipLink
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import record

pytestmark = zoo


@each_specimen
def test_blocks_are_the_calls_that_hooks_see_with_the_same_results(one: Specimen) -> None:
    blocks = (block for block in traced(one).root.walk() if block.kind not in one.unhooked)
    assert list(map(recorded, blocks)) == bare_run(one).calls


@each_specimen
def test_every_parameter_is_counted_once(one: Specimen) -> None:
    model = built(one)
    assert traced(one).root.parameters == sum(weight.numel() for weight in model.parameters())


@each_specimen
def test_flops_are_what_pytorch_counts(one: Specimen) -> None:
    assert sum(step.flops or 0 for step in traced(one).steps) == bare_run(one).flops


@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@each_real_specimen
def test_the_graph_computes_what_the_model_computes_bit_for_bit(
    one: Specimen, training: bool
) -> None:
    found = verdict(one, training=training)
    assert found.difference is None
    assert found.proven
    assert not found.smaller


def said(link: SkipLink) -> str:
    join = "" if link.join == "cat" else f" {link.join}"
    return f"{link.source} -> {link.target}{join}"


@each_specimen
def test_skips_are_those_of_the_source_and_lie_on_its_lists(one: Specimen) -> None:
    assert tuple(map(said, tracer.skips(traced(one)))) == one.skips
    book = ledger(traced(one))
    lists = Counter(entry.stack for entry in book.entries if entry.stack)
    assert lists == one.lists
    assert (len(book.unjoined), len(book.leftovers)) == (one.unjoined, one.left)


@each_specimen
def test_nothing_of_a_run_is_left_also_if_it_fails(one: Specimen) -> None:
    def fail(*_: object) -> None:
        raise ValueError("on purpose")

    model, inputs = fresh(one), filled(one)
    with watching():
        tracer.trace(model, inputs)
        assert fakes() == []
        model.register_forward_hook(fail)
        with pytest.raises(ValueError, match="on purpose"):
            tracer.trace(model, inputs)
        assert fakes() == []


@each_specimen
def test_a_block_that_is_not_run_is_recorded_as_if_it_was(one: Specimen) -> None:
    model, inputs = fresh(one), filled(one)
    expected = to_trace(record(model, inputs, repeats=False))
    for _ in range(3):
        assert to_trace(record(model, inputs)) == expected


@each_specimen
def test_a_model_is_run_on_numbers_only_where_numbers_decide(one: Specimen) -> None:
    assert bool(traced(one).notes) == one.data


@each_specimen
def test_the_record_says_what_was_found(one: Specimen, golden: Golden) -> None:
    golden(f"{relpath(RECORD, GOLDEN)}/{one.name}.json", as_text(row(one)))
