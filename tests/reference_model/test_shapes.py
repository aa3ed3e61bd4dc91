"""The shapes of the reference model, as a maintainer writes them down: by hand, and locked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tracer
from reference_model import PRESETS
from tracer.record import Trace
from tracer.testing.shape_locks import ShapeLock

Lock = Callable[[str | Path], ShapeLock]

every_preset = pytest.mark.shape_targets(*PRESETS)


@pytest.mark.slow
@every_preset
def test_a_preset_has_the_shapes_of_its_lock_file(shape_trace: Trace, shape_lock: Lock) -> None:
    assert shape_trace == shape_lock(f"../locks/{shape_trace.target}.shapes.yaml")


@every_preset
def test_every_image_comes_out_as_large_as_it_went_in(shape_trace: Trace) -> None:
    tracer.assert_shapes(shape_trace, {"": "b 3 h w, i64[b] -> b 3 h w"})


@every_preset
def test_blocks_keep_the_resolution_and_resampling_changes_it(shape_trace: Trace) -> None:
    for block in shape_trace.root.children:
        expected = {
            "ResnetBlock": "b _ h w, b _ -> b _ h w",
            "AttnBlock": "b c h w -> b c h w",
            "Downsample": "b c h w -> b c h/2 w/2",
            "Upsample": "b c h w -> b c 2*h 2*w",
        }.get(block.kind)
        if expected:
            tracer.assert_shapes(shape_trace, {block.call: expected})


@every_preset
def test_each_skip_is_concatenated_behind_what_comes_up(shape_trace: Trace) -> None:
    for number, link in enumerate(reversed(tracer.skips(shape_trace))):
        tracer.assert_shapes(
            shape_trace,
            {
                f"hs[{number}]": "b skip h w",
                f"cat: {link.target}": "b c h w, b skip h w -> b c+skip h w",
            },
        )


@pytest.mark.shape_targets("ddpm-cifar10")
def test_the_shapes_of_ddpm_for_cifar_10(shape_trace: Trace) -> None:
    tracer.assert_shapes(
        shape_trace,
        {
            "in:": "b 3 h w, b",
            "temb.dense.*": "b 4*ch",
            "conv_in": "b ch h w",
            "down.0.block.*": "b ch h w",
            "down.0.downsample": "b ch h/2 w/2",
            "down.1.block.*": "b 2*ch h/2 w/2",
            "down.1.attn.*": "b 2*ch h/2 w/2",
            "down.2.block.*": "b 2*ch h/4 w/4",
            "down.3.block.*": "b 2*ch h/8 w/8",
            "mid.*": "b 2*ch h/8 w/8",
            "up.*.upsample": "b 2*ch _ _",
            "cat: up.3.block.*": "b 2*ch+2*ch h/8 w/8",
            "cat: up.1.block.2": "b 2*ch+ch h/2 w/2",
            "cat: up.0.block.0": "b 2*ch+ch h w",
            "hs[0]": "b ch h w",
            "hs[3]": "b ch h/2 w/2",
            "hs[-1]": "b 2*ch h/8 w/8",
            "norm_out": "b 128 h w",
            "out:": "b 3 h w",
        },
    )
