"""A file that is no checkpoint is named for what it is."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.from_torch.checkpoints.test_checkpoint_reader import STATE, refusal, safetensors, saved
from tracer.errors import TraceError
from tracer.from_torch.checkpoints.checkpoint_reader import read_checkpoint
from tracer.from_torch.checkpoints.file_format import format_of

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 3438167540\n"


@pytest.mark.parametrize("name", ["a.safetensors", "a.bin", "a.ckpt"])
def test_a_git_lfs_pointer_is_told_with_the_size_of_the_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(POINTER)
    assert refusal(tmp_path / name) == (
        f'"{name}" is a git-lfs pointer, and the file of 3,438,167,540 bytes that it stands for '
        "was not downloaded. Run `git lfs pull`."
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html>404", "is a web page"),
        (b"\n <html>", "is a web page"),
        (b"\x89HDF\r\n\x1a\n", "is an HDF5 file"),
        (b"GGUF\x03", "is a GGUF file"),
        (b"\x93NUMPY\x01", "is an array of NumPy"),
        (gzip.compress(b"a", mtime=0), "is compressed with gzip"),
    ],
)
def test_another_format_is_named(data: bytes, said: str, tmp_path: Path) -> None:
    for name in ("a.pt", "a.safetensors"):
        (tmp_path / name).write_bytes(data)
        assert refusal(tmp_path / name).startswith(f'"{name}" {said}')


def test_an_archive_of_numpy_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("weight.npy", b"\x93NUMPY")
    assert refusal(tmp_path / "a.npz").startswith('"a.npz" holds arrays of NumPy')


def test_a_format_does_not_depend_on_the_suffix(tmp_path: Path) -> None:
    assert format_of(saved(tmp_path / "a.safetensors", STATE)) == "torch"
    assert format_of(safetensors(tmp_path / "a.bin", STATE)) == "safetensors"


def stepped_optimizer() -> torch.optim.Optimizer:
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([weight])
    weight.sum().backward()
    optimizer.step()
    return optimizer


def test_the_state_of_an_optimizer_is_told(tmp_path: Path) -> None:
    state = stepped_optimizer().state_dict()
    assert refusal(saved(tmp_path / "a.pt", state)).startswith(
        '"a.pt" holds the state of an optimizer, which does not name the parameters of a model.'
    )
    assert refusal(saved(tmp_path / "a.pt", {"optimizer": state, "epoch": 3})) == (
        '"a.pt" has to hold one dict of tensors, and holds none. '
        "It holds optimizer (the state of an optimizer), epoch (int)."
    )


def test_a_training_checkpoint_is_read_by_the_dict_of_its_model(tmp_path: Path) -> None:
    contents = {
        "trainer": {"nets": {"unet": STATE}},
        "optimizer": stepped_optimizer().state_dict(),
        "best": torch.tensor(0.1),
        "epoch": 3,
    }
    found = read_checkpoint(saved(tmp_path / "a.pt", contents))
    assert found.tensors.keys() == STATE.keys()
    assert found.within == "trainer.nets.unet"
    assert found.others == ("optimizer", "best", "epoch")


def test_a_dict_in_a_dict_is_named_with_dots(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"nets": {"unet": STATE, "ema": STATE}, "epoch": 3})
    assert read_checkpoint(path, "nets.ema").tensors.keys() == STATE.keys()
    with pytest.raises(TraceError, match=r"--within. Available: nets.unet, nets.ema"):
        read_checkpoint(path)


def test_an_object_beside_the_tensors_is_not_called_a_whole_model(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"model": nn.Linear(2, 2)})
    assert refusal(path).startswith('"a.pt" contains an object of torch.nn.modules.linear.Linear; ')
