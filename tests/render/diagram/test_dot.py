"""tracer/render/diagram/dot.py, u_diagram.py, block_diagram.py: the DOT text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.conftest import Golden
from tests.example import example, links, symbolic_example
from tests.render.ladders import ladder
from tests.sketch import Sketch, conv
from tracer.record import Block
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import render_dot
from tracer.render.diagram.node_style import Style

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


def toy(link: dict[str, str] | None = None) -> str:
    """The toy as text for Graphviz; `link` has addresses of blocks."""
    trace, to = example(), link or {}
    return digraph(trace, links=links(trace), style=Style(lambda block: to.get(block.call))).source


def groups(source: str) -> dict[str, ET.Element]:
    """What is drawn of each box, arrow and band, by its id."""
    root = ET.fromstring(render_dot(source, "svg"))
    return {group.attrib["id"]: group for group in root.iter(f"{SVG}g") if "class" in group.attrib}


def classes(group: ET.Element) -> set[str]:
    return set(group.attrib["class"].split())


def words(group: ET.Element) -> list[str]:
    return [
        "".join(text.itertext()).replace("\N{NO-BREAK SPACE}", " ").strip()
        for text in group.iter(f"{SVG}text")
    ]


def heights(source: str) -> dict[str, float]:
    """How high each box stands."""
    found = re.findall(r'^\s*(n_\w+) \[.*\bpos="[-\d.]+,([-\d.]+)"', source, re.MULTILINE)
    return {name: float(height) for name, height in found}


def test_the_toy_is_drawn_as_in_the_golden_file(golden: Golden) -> None:
    golden("toy_unet.dot", toy())


def test_the_toy_with_formulas_is_drawn_as_in_the_golden_file(golden: Golden) -> None:
    trace = symbolic_example()
    golden("toy_unet.symbolic.dot", digraph(trace, links=links(trace)).source)


def test_the_inside_of_a_block_is_drawn_as_in_the_golden_file(golden: Golden) -> None:
    golden("toy_unet.mid_attn.dot", digraph(example(), "mid.attn").source)


def test_the_text_is_the_same_each_time_and_ascii() -> None:
    assert toy() == toy()
    assert toy().isascii()


def test_there_is_no_color_in_the_text() -> None:
    assert "color" not in toy()


@pytest.mark.parametrize(("levels", "blocks"), [(1, 1), (3, 1), (6, 2)])
def test_a_push_and_its_pop_are_at_one_height_and_each_rank_is_lower(
    levels: int, blocks: int
) -> None:
    trace, skips = ladder(levels, blocks)
    source = digraph(trace, links=skips).source
    at = heights(source)
    rungs = [
        (f"n_{skip.source.replace('.', '_')}", f"n_{skip.target.replace('.', '_')}")
        for skip in skips
    ]
    assert [at[push] for push, _ in rungs] == [at[pop] for _, pop in rungs]
    assert len({at[push] for push, _ in rungs}) == len(skips)
    for push, pop in rungs:
        assert re.search(rf"\{{\s*graph \[rank=same\]\s*{push}\s*{pop}\s*\}}", source)


def test_each_box_has_its_id_text_and_tooltip() -> None:
    box = groups(toy())["n_down_0_block"]
    assert words(box) == ["down.0.block", "ResBlock  1x8x16x16"]
    (anchor,) = box.iter(f"{SVG}a")
    said = "down.0.block: ResBlock, 1x8x16x16, 1x16 -> 1x8x16x16"
    assert anchor.attrib[f"{XLINK}title"] == said


def test_the_classes_of_a_box_are_outline_role_and_skips() -> None:
    found = groups(toy())
    assert classes(found["n_mid_attn"]) == {"node", "unit", "attention", "middle"}
    assert classes(found["n_down_0_downsample"]) == {"node", "unit", "down", "encoder", "skip-3"}
    assert classes(found["n_up_1_upsample"]) == {"node", "unit", "up", "decoder"}
    assert classes(found["n_up_0_block_1"]) == {"node", "unit", "convolution", "decoder", "skip-1"}
    assert classes(found["n_embed"]) == {"node", "unit", "plain", "side"}


def test_attention_resampling_and_convolution_have_outlines_of_their_own() -> None:
    found = groups(toy())
    outlines = {
        name: len(found[name].find(f".//{SVG}polygon").attrib["points"].split()) - 1
        for name in ("n_mid_attn", "n_down_0_downsample", "n_conv_in")
    }
    assert outlines == {"n_mid_attn": 8, "n_down_0_downsample": 4, "n_conv_in": 4}
    wide, narrow = edge_widths(found["n_down_0_downsample"])
    assert wide > narrow
    wide, narrow = edge_widths(found["n_conv_in"])
    assert wide == pytest.approx(narrow)


def edge_widths(group: ET.Element) -> tuple[float, float]:
    """How wide a box with four corners is at its top and at its bottom."""
    points = group.find(f".//{SVG}polygon").attrib["points"].split()[:4]
    corners = sorted(tuple(map(float, point.split(",")))[::-1] for point in points)
    (_, a), (_, b), (_, c), (_, d) = corners
    return abs(a - b), abs(c - d)


def test_a_block_links_to_its_address_and_others_to_nothing() -> None:
    found = groups(toy({"mid.attn": "map/#mid.attn"}))
    (anchor,) = found["n_mid_attn"].iter(f"{SVG}a")
    assert anchor.attrib[f"{XLINK}href"] == "map/#mid.attn"
    (anchor,) = found["n_mid_block"].iter(f"{SVG}a")
    assert f"{XLINK}href" not in anchor.attrib


def test_the_blocks_of_a_resolution_are_in_its_cluster() -> None:
    found = groups(toy())
    assert words(found["band_0"]) == ["16x16", "1/1"]
    assert classes(found["band_1"]) == {"cluster", "level", "level-1"}
    inner = toy().split("subgraph cluster_1 {")[1].split("}")[0]
    assert set(re.findall(r"\bid=(n_\w+)", inner)) == {
        "n_down_0_downsample",
        "n_mid_block",
        "n_mid_attn",
        "n_mid_block_1",
        "n_up_1_block_0",
    }


def test_a_skip_is_dashed_and_labeled_with_number_shape_and_join() -> None:
    (skip,) = (
        group
        for group in groups(toy()).values()
        if "skip-2" in classes(group) and "edge" in classes(group)
    )
    assert words(skip) == ["skip 2: 1x8x16x16", "cat 1x24x16x16"]
    assert skip.find(f".//{SVG}path").attrib["stroke-dasharray"]


def test_a_side_input_of_many_blocks_has_one_edge() -> None:
    found = groups(toy())
    assert words(found["n_embed_to"]) == ["to 6 blocks"]
    source = toy()
    assert "n_embed -> n_embed_to" in source
    assert len(re.findall(r"^\tn_embed -> ", source, re.MULTILINE)) == 1


def test_names_that_differ_only_in_punctuation_have_different_ids() -> None:
    run = Sketch()
    h = run.call("a.b", conv(), run.input("x", 1, 8, 8, 8))
    source = digraph(run.trace(run.call("a_b", conv(), h)), links=()).source
    assert {"n_a_b", "n_a_b__2"} <= set(groups(source))


def test_every_shape_is_written_inside_a_block() -> None:
    found = groups(digraph(example(), "mid.block").source)
    arrows = {
        group.find(f"{SVG}title").text: words(group)
        for group in found.values()
        if "edge" in classes(group)
    }
    assert arrows["n_mid_block_temb_proj->n_getitem_11"] == ["1x16"]
    assert arrows["n_getitem_11->n_add_12"] == ["1x16x1x1"]
    assert words(found["n_mid_block_conv"]) == ["conv", "Conv2d"]


def test_inside_a_block_an_input_is_named_by_where_it_comes_from() -> None:
    found = groups(digraph(example(), "mid.attn").source)
    assert words(found["n_input_add_3"]) == ["from mid.block"]
    found = groups(digraph(example(), "conv_in").source)
    assert words(found["n_input_x"]) == ["input x"]


def test_a_block_inside_a_block_links_to_its_address() -> None:
    def link(block: Block) -> str:
        return f"#{block.call}"

    found = groups(digraph(example(), "mid.attn", style=Style(link)).source)
    (anchor,) = found["n_mid_attn_qkv"].iter(f"{SVG}a")
    assert anchor.attrib[f"{XLINK}href"] == "#mid.attn.qkv"


def test_the_inside_of_a_block_with_hundreds_of_units_is_drawn() -> None:
    """Takes about a second; fails only if the limit of two minutes is far from enough."""
    trace, _ = ladder(levels=8, blocks=8)
    picture = render_dot(digraph(trace, "").source, "svg")
    assert picture.count(b'class="node') > 200


def test_a_block_that_was_not_called_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"mid\.attn_9"):
        digraph(example(), "mid.attn_9")
