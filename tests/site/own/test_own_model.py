"""tracer/site/own/own_model.py: the names and titles of models on a site."""

from __future__ import annotations

import pytest

from tests.site.own_toy import toy_explored
from tracer.site.own.own_model import own_models


def test_a_single_model_is_titled_by_its_class() -> None:
    (model,) = own_models([toy_explored("my.py:net")])
    assert (model.name, model.title) == ("my-net", "ToyUNet")


def test_models_of_one_class_are_told_apart_by_their_targets() -> None:
    one, other = own_models([toy_explored("my.py:net"), toy_explored("my.py:net --set ch=8")])
    assert (one.name, other.name) == ("my-net", "my-net-ch-8")
    assert other.title == "ToyUNet (my.py:net --set ch=8)"


@pytest.mark.parametrize(
    ("target", "name"),
    [("a/b.json.gz", "a-b"), ("pkg.mod:Net --input x=1x3x8x8", "pkg-mod-net-x-1x3x8x8")],
)
def test_a_name_is_fit_for_an_address(target: str, name: str) -> None:
    assert own_models([toy_explored(target)])[0].name == name


def test_the_same_target_twice_has_two_addresses() -> None:
    assert [one.name for one in own_models([toy_explored("a:b")] * 3)] == ["a-b", "a-b-2", "a-b-3"]
