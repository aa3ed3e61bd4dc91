from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.fx.passes.shape_prop import ShapeProp

from reference_model import PRESETS, Config, Model, build, example, example_inputs

GOLDEN = Path(__file__).parents[1] / "golden" / "compvis_model_cases.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
each_preset = pytest.mark.parametrize("name", PRESETS)

VARIANTS: dict[str, dict[str, Any]] = {
    "as published": {},
    "plain resampling": {"resamp_with_conv": False},
    "linear attention": {"attn_type": "linear"},
    "no attention": {"attn_type": "none"},
    "attention everywhere": {"attn_resolutions": (4, 8)},
    "attention in the middle alone": {"attn_resolutions": ()},
    "no timestep": {"use_timestep": False},
    "one level": {"ch_mult": (2,)},
    "no residual blocks on the way down": {"num_res_blocks": 0},
    "a narrower middle": {"ch_mult": (3, 1)},
    "uneven resolution": {"resolution": 9, "attn_resolutions": (4, 9)},
}
each_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)


def wave(shape: list[int], *, speed: float, phase: float, sine: bool) -> Tensor:
    angle = torch.arange(torch.Size(shape).numel(), dtype=torch.float64) * speed + phase
    return (torch.sin(angle) if sine else torch.cos(angle)).reshape(shape)


def filled_as_upstream_was(model: nn.Module) -> nn.Module:
    """Give every parameter the values that the golden outputs were computed with."""
    state = {
        name: (wave(list(value.shape), speed=0.7, phase=i, sine=True) * 0.05).float()
        for i, (name, value) in enumerate(model.state_dict().items())
    }
    model.load_state_dict(state, strict=True)
    return model.eval()


def golden_inputs(case: dict[str, Any]) -> dict[str, Tensor | None]:
    inputs: dict[str, Tensor | None] = {
        name: wave(case[name], speed=0.37, phase=phase, sine=False).float()
        for name, phase in (("x", 0), ("context", 1))
        if case[name] is not None
    }
    return inputs | {"t": torch.tensor(case["t"])}


@each_case
def test_the_state_has_upstreams_names_and_shapes_in_upstreams_order(case: dict[str, Any]) -> None:
    with torch.device("meta"):
        model = Model(**case["kwargs"])
    state = [[name, list(value.shape)] for name, value in model.state_dict().items()]
    assert state == case["parameters"]
    assert sum(value.numel() for value in model.parameters()) == case["parameter_count"]


@each_case
@torch.no_grad()
def test_the_output_is_upstreams(case: dict[str, Any]) -> None:
    output = filled_as_upstream_was(Model(**case["kwargs"]))(**golden_inputs(case))
    assert list(output.shape) == case["output_shape"]
    flat = output.flatten().double()
    assert flat.sum().item() == pytest.approx(case["output_sum"], rel=1e-5)
    assert flat.abs().mean().item() == pytest.approx(case["output_abs_mean"], rel=1e-5)
    # single elements, some near zero, carry float32's rounding: of another machine's sums, too
    rounding = 1e-4 * case["output_abs_mean"]
    assert flat[:16].tolist() == pytest.approx(case["output_first"], rel=1e-5, abs=rounding)
    assert flat[-16:].tolist() == pytest.approx(case["output_last"], rel=1e-5, abs=rounding)


@each_case
@torch.no_grad()
def test_every_module_is_called_when_upstream_calls_it_and_gives_the_same_shape(
    case: dict[str, Any], module_calls: Callable[..., Any]
) -> None:
    _, calls = module_calls(Model(**case["kwargs"]), **golden_inputs(case))
    assert [[path, kind, list(shape)] for path, kind, shape in calls] == case["module_calls"]


@each_preset
def test_a_preset_has_the_parameters_that_it_claims_and_runs_on_its_example_inputs(
    name: str,
) -> None:
    with torch.device("meta"):
        model, inputs = example(**PRESETS[name].config.keywords())
        output = model(**inputs)
    assert sum(value.numel() for value in model.parameters()) == PRESETS[name].parameters
    config = PRESETS[name].config
    assert output.shape == (1, config.out_ch, config.resolution, config.resolution)


def test_the_ddpm_presets_have_as_many_parameters_as_the_paper_says() -> None:
    assert f"{PRESETS['ddpm-cifar10'].parameters / 1e6:.1f}" == "35.7"
    assert f"{PRESETS['ddpm-celebahq-256'].parameters / 1e6:.0f}" == "114"


def traced_shapes(model: nn.Module, inputs: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The output shape of each module, by torch's own symbolic tracer and shape propagation."""
    absent = {name: None for name in ("t", "context") if name not in inputs}
    traced = torch.fx.symbolic_trace(model, concrete_args=absent)
    values = [inputs.get(node.target) for node in traced.graph.find_nodes(op="placeholder")]
    ShapeProp(traced).propagate(*values)
    shapes = {}
    for node in traced.graph.nodes:
        if "tensor_meta" in node.meta:
            for path, _ in node.meta.get("nn_module_stack", {}).values():
                # the last tensor made inside a module is what it puts out
                shapes[path] = tuple(node.meta["tensor_meta"].shape)
    return shapes


@pytest.mark.slow
@each_preset
@torch.no_grad()
def test_symbolic_tracing_agrees_on_the_output_shape_of_every_module_of_a_preset(
    name: str, module_calls: Callable[..., Any]
) -> None:
    with torch.device("meta"):
        model, inputs = example(**PRESETS[name].config.keywords())
        _, calls = module_calls(model, **inputs)
        shapes = traced_shapes(model, inputs)
    assert shapes == {path: shape for path, _, shape in calls}
    assert len(calls) == len(shapes)


@pytest.mark.slow
@each_variant
@torch.no_grad()
def test_symbolic_tracing_agrees_on_every_variant(
    small: dict[str, Any], variant: dict[str, Any], module_calls: Callable[..., Any]
) -> None:
    config = Config(**small | variant)
    with torch.device("meta"):
        model = Model(**config.keywords())
        inputs = example_inputs(config.override(resolution=8), batch=2)
        _, calls = module_calls(model, **inputs)
        shapes = traced_shapes(model, inputs)
    assert shapes == {path: shape for path, _, shape in calls}


@each_variant
@torch.no_grad()
def test_every_variant_survives_symbolic_tracing_bit_for_bit(
    small: dict[str, Any], variant: dict[str, Any]
) -> None:
    config = Config(**small | variant)
    model = Model(**config.keywords()).eval()
    inputs = example_inputs(config.override(resolution=8), batch=2)
    absent = {name: None for name in ("t", "context") if name not in inputs}
    traced = torch.fx.symbolic_trace(model, concrete_args=absent)
    output = model(**inputs)
    assert torch.equal(traced(**inputs), output)
    assert output.std() > 0


@torch.no_grad()
def test_a_context_is_concatenated_to_the_image_on_the_channels(small: dict[str, Any]) -> None:
    model = Model(**small | {"in_channels": 5}).eval()
    x, context, t = torch.randn(2, 3, 8, 8), torch.randn(2, 2, 8, 8), torch.tensor([1, 900])
    together = model(torch.cat([x, context], dim=1), t)
    assert torch.equal(model(x, t, context), together)
    traced = torch.fx.symbolic_trace(model)
    assert torch.equal(traced(x, t, context), together)


@torch.no_grad()
def test_the_image_need_be_neither_square_nor_of_the_configured_resolution(
    small: dict[str, Any],
) -> None:
    model = Model(**small)
    assert model(torch.zeros(1, 3, 6, 10), torch.tensor([1])).shape == (1, 3, 6, 10)


@torch.no_grad()
def test_the_timestep_changes_the_output(small: dict[str, Any]) -> None:
    model = Model(**small).eval()
    x = torch.randn(1, 3, 8, 8)
    assert not torch.equal(model(x, torch.tensor([1])), model(x, torch.tensor([2])))


def test_without_timesteps_the_blocks_keep_their_projections_for_checkpoints(
    small: dict[str, Any],
) -> None:
    with_t, without_t = Model(**small).state_dict(), Model(**small, use_timestep=False).state_dict()
    assert [name for name in with_t if name not in without_t] == [
        f"temb.dense.{i}.{name}" for i in range(2) for name in ("weight", "bias")
    ]
    assert "mid.block_1.temb_proj.weight" in without_t


def test_attention_of_type_none_keeps_its_place_in_the_list(small: dict[str, Any]) -> None:
    model = Model(**small, attn_type="none")
    assert [type(attn) for attn in model.down[1].attn] == [nn.Identity]
    assert [type(attn) for attn in model.up[1].attn] == [nn.Identity, nn.Identity]
    assert type(model.mid.attn_1) is nn.Identity


def test_use_linear_attn_prevails_over_attn_type(small: dict[str, Any]) -> None:
    old = Model(**small, use_linear_attn=True, attn_type="none")
    new = Model(**small, attn_type="linear")
    assert list(old.state_dict()) == list(new.state_dict())
    assert "mid.attn_1.to_qkv.weight" in old.state_dict()


def test_an_uneven_resolution_attends_on_different_levels_down_and_up(
    small: dict[str, Any],
) -> None:
    model = Model(**small | {"resolution": 9, "attn_resolutions": (9,)})
    assert [len(level.attn) for level in model.down] == [1, 0]
    assert [len(level.attn) for level in model.up] == [0, 0]


def test_the_seed_gives_the_weights_that_upstream_makes_in_the_same_order(
    small: dict[str, Any],
) -> None:
    torch.manual_seed(0)
    model = Model(**small)
    torch.manual_seed(0)
    dense = [nn.Linear(32, 128), nn.Linear(128, 128)]
    conv_in = nn.Conv2d(3, 32, kernel_size=3, padding=1)
    assert torch.equal(model.temb.dense[1].weight, dense[1].weight)
    assert torch.equal(model.conv_in.weight, conv_in.weight)


def test_the_last_layer_is_the_weight_of_conv_out(small: dict[str, Any]) -> None:
    model = Model(**small)
    assert model.get_last_layer() is model.conv_out.weight


def test_a_wrong_configuration_is_refused_when_the_model_is_made(small: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="ch=48: every normalization splits its channels"):
        Model(**small | {"ch": 48})


def test_build_makes_a_preset_with_some_keywords_changed() -> None:
    with torch.device("meta"):
        model = build("tiny", num_res_blocks=2)
    assert model.config == PRESETS["tiny"].config.override(num_res_blocks=2)
    assert len(model.down[0].block) == 2


def test_build_refuses_a_keyword_that_the_model_does_not_have() -> None:
    with pytest.raises(ValueError, match="'attn' is not a keyword of the model"):
        build("tiny", attn=16)


def test_example_refuses_a_keyword_that_the_model_does_not_have() -> None:
    with pytest.raises(ValueError, match="'chanels' is not a keyword of the model"):
        example(chanels=3)
