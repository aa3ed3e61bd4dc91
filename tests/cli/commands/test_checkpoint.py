"""`unet-trace checkpoint`: which keys of a file fit a model, and which do not."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
import torch

import reference_model
from tracer.cli import main

STATE = reference_model.build("tiny").state_dict()
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(name: str, **changes: torch.Tensor | None) -> str:
    """The state of the model in a file, with some tensors exchanged or left out."""
    torch.save({k: v for k, v in (STATE | changes).items() if v is not None}, name)
    return name


def test_a_checkpoint_of_the_model_fits(capsys: Capture) -> None:
    assert main(["checkpoint", "tiny", save("unet.pt")]) == 0
    assert capsys.readouterr().out == (
        "unet.pt for tiny\n\nAll 182 keys fit, and the file holds no others.\n"
    )


def test_what_does_not_fit_is_told_block_by_block(capsys: Capture) -> None:
    attention = dict.fromkeys(key for key in STATE if key.startswith("mid.attn_1."))
    file = save(
        "unet.pt",
        **attention,
        **{
            "conv_in.bias": None,
            "conv_in.weight": STATE["conv_in.weight"].half(),
            "conv_out.weight": torch.zeros(6, 32, 3, 3),
            "extra.a.weight": torch.zeros(2),
            "extra.b.weight": torch.zeros(2),
            "temb.scale": torch.zeros(3),
        },
    )
    assert main(["checkpoint", "tiny", file]) == 1
    assert capsys.readouterr().out == dedent(
        """\
        unet.pt for tiny

                       block       keys                                         model       file
        -------------  ----------  -------------------------------------------  ----------  ----------
        missing        conv_in     bias                                         [32]
        missing        mid.attn_1  norm.weight, norm.bias, q.weight and 7 more
        unexpected     extra       a.weight, b.weight
        unexpected     temb        scale                                                    [3]
        another shape  conv_out    weight                                       [3 32 3 3]  [6 32 3 3]

        170 keys fit; 11 missing, 3 unexpected, 1 key with a different shape.
        1 key will be converted from float16 to float32.
        """  # noqa: E501
    )


def test_another_configuration_does_not_fit(capsys: Capture) -> None:
    assert main(["checkpoint", "tiny", save("unet.pt"), "--set", "ch=64", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found[0] == {
        "trouble": "another shape",
        "key": "temb.dense.0.weight",
        "block": "temb.dense.0",
        "model": {"shape": [256, 64], "dtype": "float32"},
        "file": {"shape": [128, 32], "dtype": "float32"},
    }


def test_keys_with_something_before_them_are_found_with_a_prefix(capsys: Capture) -> None:
    torch.save({"state_dict": {f"model.{key}": STATE[key] for key in STATE}}, "last.ckpt")
    assert main(["checkpoint", "tiny", "last.ckpt"]) == 1
    assert '182 keys would be found with "--prefix model.".' in capsys.readouterr().out
    assert main(["checkpoint", "tiny", "last.ckpt", "--prefix", "model."]) == 0


def test_one_of_several_dicts_is_named(capsys: Capture) -> None:
    torch.save({"ema": STATE, "net": STATE}, "both.pt")
    assert main(["checkpoint", "tiny", "both.pt"]) == 2
    assert "holds several: name one with --within. Available: ema, net." in (
        capsys.readouterr().err
    )
    assert main(["checkpoint", "tiny", "both.pt", "--within", "ema"]) == 0


def test_a_saved_trace_has_no_keys(capsys: Capture) -> None:
    assert main(["checkpoint", "trace.json", save("unet.pt")]) == 2
    assert "trace.json is a saved trace: name the model itself" in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys: Capture) -> None:
    save("unet.pt")
    assert main(["checkpoint", "tiny", "unit.pt"]) == 2
    assert capsys.readouterr().err == (
        'Error: There is no file "unit.pt". Did you mean "unet.pt"?\n'
    )
