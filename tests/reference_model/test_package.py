from __future__ import annotations

import importlib
import inspect

import pytest

import reference_model

PUBLIC = {
    "AttnBlock",
    "Config",
    "Downsample",
    "LinAttnBlock",
    "Model",
    "Normalize",
    "PRESETS",
    "Preset",
    "ResnetBlock",
    "Upsample",
    "build",
    "example",
    "example_inputs",
    "get_timestep_embedding",
    "make_attn",
    "nonlinearity",
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_at_hand(name: str) -> None:
    assert name in dir(reference_model)
    assert getattr(reference_model, name) is not None


@pytest.mark.parametrize("name", sorted(PUBLIC - {"PRESETS"}))
def test_every_public_name_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(reference_model, name))


def test_a_name_that_is_not_there_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Unet'"):
        reference_model.Unet  # noqa: B018


@pytest.mark.parametrize(
    "module", ["config", "embedding", "inputs", "blocks", "attention", "model"]
)
def test_every_class_and_function_of_a_module_has_a_docstring(module: str) -> None:
    members = vars(importlib.import_module(f"reference_model.{module}"))
    own = [
        value
        for name, value in members.items()
        if getattr(value, "__module__", None) == f"reference_model.{module}" and name[0] != "_"
    ]
    assert own
    assert [value.__name__ for value in own if not inspect.getdoc(value)] == []
