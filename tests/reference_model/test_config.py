from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from reference_model.config import PRESETS, Config, configure, preset

REPOSITORY = Path(__file__).parents[2]


def imports_torch(statement: str) -> bool:
    program = f"import sys; {statement}; print('torch' in sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
    return done.stdout == "True\n"


@pytest.mark.parametrize("module", ["reference_model", "reference_model.config"])
def test_the_presets_are_listed_without_torch(module: str) -> None:
    assert not imports_torch(f"from {module} import PRESETS; list(PRESETS)")


@pytest.mark.slow
def test_an_import_of_torch_would_be_noticed() -> None:
    assert imports_torch("import reference_model.model")


def test_a_configuration_cannot_be_changed(small: dict[str, Any]) -> None:
    config = Config(**small)
    with pytest.raises(FrozenInstanceError):
        config.ch = 64  # type: ignore[misc]


def test_lists_of_numbers_become_tuples_so_that_equal_configurations_are_equal(
    small: dict[str, Any],
) -> None:
    listed = small | {"ch_mult": [1, 2], "attn_resolutions": {4}}
    assert Config(**listed) == Config(**small)
    assert hash(Config(**listed)) == hash(Config(**small))


def test_the_defaults_are_those_of_upstream() -> None:
    config = Config(
        ch=32, out_ch=3, num_res_blocks=2, attn_resolutions=(), in_channels=3, resolution=32
    )
    assert config.ch_mult == (1, 2, 4, 8)
    assert config.dropout == 0.0
    assert config.resamp_with_conv is True
    assert config.use_timestep is True
    assert config.use_linear_attn is False
    assert config.attn_type == "vanilla"


def test_keywords_give_the_configuration_back(small: dict[str, Any]) -> None:
    config = Config(**small, dropout=0.1)
    assert Config(**config.keywords()) == config


def test_an_override_changes_one_keyword_and_keeps_the_others(small: dict[str, Any]) -> None:
    assert Config(**small).override(ch=64) == Config(**small | {"ch": 64})


def test_width_is_a_multiple_of_ch_and_level_minus_one_is_conv_in(small: dict[str, Any]) -> None:
    config = Config(**small | {"ch_mult": (1, 2, 3)})
    assert [config.width(i_level) for i_level in (-1, 0, 1, 2)] == [32, 32, 64, 96]
    assert config.mid_width == 96


def test_a_resolution_that_does_not_halve_evenly_counts_differently_on_the_way_up(
    small: dict[str, Any],
) -> None:
    uneven = small | {"ch_mult": (1, 1, 1), "resolution": 37}
    down = Config(**uneven | {"attn_resolutions": (37, 18)})
    assert [down.attends_down(i) for i in range(3)] == [True, True, False]
    assert [down.attends_up(i) for i in range(3)] == [False, True, False]
    up = Config(**uneven | {"attn_resolutions": (36, 9)})
    assert [up.attends_down(i) for i in range(3)] == [False, False, True]
    assert [up.attends_up(i) for i in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"ch": 48},
            "ch=48: every normalization splits its channels into 32 groups, "
            "so give a positive multiple of 32.",
        ),
        (
            {"ch": 0},
            "ch=0: every normalization splits its channels into 32 groups, "
            "so give a positive multiple of 32.",
        ),
        (
            {"ch": 32.0},
            "ch=32.0: every normalization splits its channels into 32 groups, "
            "so give a positive multiple of 32.",
        ),
        ({"in_channels": 0}, "in_channels=0: give a whole number of channels, 1 or more."),
        ({"out_ch": -3}, "out_ch=-3: give a whole number of channels, 1 or more."),
        (
            {"ch_mult": ()},
            "ch_mult=(): give each level a whole factor, 1 or more: (1, 2, 2), say.",
        ),
        (
            {"ch_mult": (1, 0)},
            "ch_mult=(1, 0): give each level a whole factor, 1 or more: (1, 2, 2), say.",
        ),
        (
            {"ch_mult": (1, 1.5)},
            "ch_mult=(1, 1.5): give each level a whole factor, 1 or more: (1, 2, 2), say.",
        ),
        ({"ch_mult": 2}, "ch_mult=2: give a sequence of whole numbers, such as (2,)."),
        (
            {"attn_resolutions": 16},
            "attn_resolutions=16: give a sequence of whole numbers, such as (16,).",
        ),
        (
            {"num_res_blocks": -1},
            "num_res_blocks=-1: give a whole number of blocks per level, usually 2.",
        ),
        (
            {"num_res_blocks": 0, "ch_mult": (1, 2, 2)},
            "num_res_blocks=0 with ch_mult=(1, 2, 2): only residual blocks can widen a level on "
            "the way down, so give num_res_blocks=1 or more.",
        ),
        ({"dropout": 1.5}, "dropout=1.5: give a probability, from 0 to 1."),
        ({"dropout": float("nan")}, "dropout=nan: give a probability, from 0 to 1."),
        ({"dropout": "0.1"}, "dropout='0.1': give a probability, from 0 to 1."),
        (
            {"resolution": (32, 32)},
            "resolution=(32, 32): give one number, the side length in pixels.",
        ),
        (
            {"attn_type": "flash"},
            "attn_type='flash': give one of 'vanilla', 'linear', 'none'.",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_value_that_could_not_work_is_named_with_what_to_give_instead(
    small: dict[str, Any], wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match="give") as error:
        Config(**small | wrong)
    assert str(error.value) == message


def test_all_wrong_values_are_told_at_once(small: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="dropout=2") as error:
        Config(**small | {"ch": 48, "out_ch": 0, "dropout": 2})
    assert [line.split("=")[0] for line in str(error.value).splitlines()] == [
        "ch",
        "out_ch",
        "dropout",
    ]


@pytest.mark.parametrize(
    "legal",
    [
        {"resolution": 37},
        {"resolution": 8.0},
        {"attn_resolutions": ()},
        {"attn_resolutions": range(5)},
        {"attn_resolutions": (7,)},
        {"dropout": 1.0},
        {"num_res_blocks": 0},
        {"ch_mult": (3, 1)},
        {"use_linear_attn": True, "attn_type": "flash"},
    ],
    ids=str,
)
def test_what_upstream_runs_is_accepted(small: dict[str, Any], legal: dict[str, Any]) -> None:
    assert isinstance(Config(**small | legal), Config)


def test_a_misspelt_keyword_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="Did you mean") as error:
        configure(ch_mul=(1, 2))
    assert str(error.value) == "'ch_mul' is not a keyword of the model. Did you mean 'ch_mult'?"


def test_a_preset_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="There are") as error:
        preset("zzz")
    assert str(error.value) == (
        "'zzz' is not a preset. There are: ddpm-cifar10, ddpm-celebahq-256, compvis-default, tiny."
    )


def test_each_preset_stands_under_its_own_name_and_says_where_it_is_from() -> None:
    assert list(PRESETS) == [entry.name for entry in PRESETS.values()]
    for entry in PRESETS.values():
        assert preset(entry.name) is entry
        assert entry.source
        assert entry.url.startswith("https://github.com/")


def test_the_ddpm_presets_are_those_of_the_paper() -> None:
    cifar = PRESETS["ddpm-cifar10"].config
    assert (cifar.ch, cifar.ch_mult, cifar.num_res_blocks) == (128, (1, 2, 2, 2), 2)
    assert (cifar.attn_resolutions, cifar.dropout, cifar.resolution) == ((16,), 0.1, 32)
    celeba = PRESETS["ddpm-celebahq-256"].config
    assert (celeba.ch, celeba.ch_mult, celeba.num_res_blocks) == (128, (1, 1, 2, 2, 4, 4), 2)
    assert (celeba.attn_resolutions, celeba.dropout, celeba.resolution) == ((16,), 0.0, 256)


def test_the_compvis_preset_has_the_defaults_of_the_class() -> None:
    defaults = {"ch_mult", "dropout", "resamp_with_conv", "use_timestep", "attn_type"}
    given = PRESETS["compvis-default"].config.keywords()
    bare = Config(**{name: value for name, value in given.items() if name not in defaults})
    assert bare == PRESETS["compvis-default"].config
