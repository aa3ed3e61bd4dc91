"""tracer/site/content/name_pairs.py: pairs of names, and the patterns that they follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracer.errors import SiteError
from tracer.site.content.name_pairs import NamePattern, name_patterns, read_name_pairs

COMMITTED = ROOT / "docs" / "diffusers_names.json"


def filled(name: str, numbers: dict[str, int]) -> str:
    """A pattern with numbers for its letters."""

    def number(match: re.Match[str]) -> str:
        whole, letter = match[1], match[2] or match[3]
        return str(int(whole) - numbers[letter] if whole else numbers[letter])

    return re.sub(r"\((\d+) − ([ijn])\)|(?<=\.)([ijn])(?=\.|$)", number, name)


def test_the_patterns_stand_for_every_pair_and_for_no_other() -> None:
    pairs = set(read_name_pairs(COMMITTED).pairs)
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


def test_every_layer_of_both_models_is_paired() -> None:
    names = read_name_pairs(COMMITTED)
    assert len(set(names.layers)) == 1
    assert len(set(names.parameters)) == 1
    assert ("up.1.attn.2.q", "up_blocks.2.attentions.2.to_q") in names.pairs


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"names\.json"):
        read_name_pairs(tmp_path / "names.json")
