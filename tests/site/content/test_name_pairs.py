"""tracer/site/content/name_pairs.py: pairs of names, and the patterns that they follow."""

from __future__ import annotations

import re
from functools import cache

from tests.conftest import ROOT
from tests.example import example
from tracer.algebra.substitute import resize
from tracer.session import Session
from tracer.site.content.name_pairs import NamePattern, name_patterns, paired_names
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import compare
from tracer.store import load


@cache
def saved_pairs() -> tuple[tuple[str, str], ...]:
    """The names of the reference model and of the saved trace of diffusers' model."""
    ours = Session.open("ddpm-cifar10", lines=False).trace
    theirs = resize(load(ROOT / "docs/models/unet2d.json.gz"))
    return tuple(paired_names(compare(snapshot_of(ours), snapshot_of(theirs))))


def filled(name: str, numbers: dict[str, int]) -> str:
    """A pattern with numbers for its letters."""

    def number(match: re.Match[str]) -> str:
        whole, letter = match[1], match[2] or match[3]
        return str(int(whole) - numbers[letter] if whole else numbers[letter])

    return re.sub(r"\((\d+) − ([ijn])\)|(?<=\.)([ijn])(?=\.|$)", number, name)


def test_the_patterns_stand_for_every_pair_and_for_no_other() -> None:
    pairs = set(saved_pairs())
    patterns = list(name_patterns(pairs))
    assert sum(one.count for one in patterns) == len(pairs)
    assert len(patterns) < len(pairs) / 3
    found = {
        (filled(one.ours, numbers), filled(one.theirs, numbers))
        for one in patterns
        for i in range(4)
        for j in range(4)
        if (numbers := {"i": i, "j": j, "n": 0})
    }
    assert pairs <= found


def test_numbers_that_count_down_are_a_difference() -> None:
    pairs = [(f"up.{i}.block.{j}", f"ups.{3 - i}.res.{j}") for i in range(4) for j in range(3)]
    assert list(name_patterns(pairs)) == [NamePattern("up.i.block.j", "ups.(3 − i).res.j", 12)]


def test_names_that_count_from_the_other_end_are_paired() -> None:
    assert ("up.1.attn.2.q", "up_blocks.2.attentions.2.to_q") in saved_pairs()


def test_the_same_model_has_the_same_names() -> None:
    snapshot = snapshot_of(example())
    pairs = list(paired_names(compare(snapshot, snapshot)))
    assert len(pairs) == len(example().blocks) - 1  # the model itself has no name
    assert all(old == new for old, new in pairs)
