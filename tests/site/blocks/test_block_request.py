"""tracer/site/blocks/block_request.py: what the lines of a block ask for."""

from __future__ import annotations

import pytest

from tracer.errors import SiteError
from tracer.site.blocks.block_request import parse_block


def test_the_lines_are_the_options_of_the_command_line() -> None:
    request = parse_block(
        "# a comment\n\ntarget: my.py:net\ninput: x=1x3x8x8\nset: ch=4\nset: name=two words\n"
        "size: 256\nbatch: 2\ntrain: true\n"
    )
    words = "my.py:net --set ch=4 --set 'name=two words' --input x=1x3x8x8"
    assert str(request.target) == f"{words} --size 256 --batch 2 --train"


def test_the_rest_is_what_is_shown() -> None:
    request = parse_block("target: a:b\nshow: stack, map\ndepth: 2\nlang: ko\nfunction: f\ncall: c")
    assert (request.view.panes, request.view.first) == (("stack", "map"), "stack")
    assert (request.view.function, request.view.call) == ("f", "c")
    assert (request.depth, request.lang) == (2, "ko")


def test_the_language_of_the_page_is_that_of_a_block_which_names_none() -> None:
    assert parse_block("target: a:b", "ko").lang == "ko"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("show: map", "It has no target. Write one as `target: my_unet.py:UNet`."),
        ("target: a:b\nfunctoin: f", '"functoin: f" has no known key. Did you mean "function"?'),
        ("target: a:b\nshow", '"show" has no known key.'),
        ("target:", '"target:" has no value.'),
        ("target: a:b\ntarget: c:d", "target is given twice."),
        ("target: a:b\nshow: pictures", 'show names "pictures", which is none of source, map,'),
        ("target: a:b\ndepth: deep", 'depth is "deep": write a number of levels, such as 2.'),
        ("target: a:b\ntrain: yes", 'train is "yes": write true or false.'),
        ("target: a:b\nlang: fr", 'There is no language "fr": give one of en and ko.'),
        ("target: a:b\nsize: big", "--size big: a size is a number"),
        ("target: a:b --set ch=", "is not understood"),
    ],
)
def test_a_wrong_line_is_an_error_that_quotes_it(text: str, message: str) -> None:
    if message == "is not understood":
        assert str(parse_block(text).target) == "a:b --set ch="
        return
    with pytest.raises(SiteError) as caught:
        parse_block(text)
    assert message in str(caught.value)
