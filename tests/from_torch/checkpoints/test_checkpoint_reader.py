"""Checkpoints are read for their shapes alone, and no code in them is run."""

from __future__ import annotations

import json
import pickle
import random
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.checkpoints.checkpoint_reader import read_checkpoint, state_of
from tracer.snapshot import TensorSpec

STATE = {"a.weight": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.float16)}
SPECS = {"a.weight": TensorSpec((2, 3), "float32"), "b": TensorSpec((4,), "float16")}
SHORT = {torch.float32: "F32", torch.float16: "F16"}


def safetensors(path: Path, tensors: Mapping[str, Tensor]) -> Path:
    """A file of safetensors, written as its format is defined."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, tensor in tensors.items():
        end = at + tensor.numel() * tensor.element_size()
        offsets = [at, end]
        shape = list(tensor.shape)
        header[name] = {"dtype": SHORT[tensor.dtype], "shape": shape, "data_offsets": offsets}
        at = end
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(at))
    return path


def saved(path: Path, item: object, **options: bool) -> Path:
    torch.save(item, path, **options)
    return path


def refusal(path: Path, within: str | None = None) -> str:
    with pytest.raises(TraceError) as error:
        read_checkpoint(path, within)
    return str(error.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old format"])
def test_a_file_of_torch_save_is_read(new: bool, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", STATE, _use_new_zipfile_serialization=new)
    assert read_checkpoint(path).tensors == SPECS


def test_a_file_of_safetensors_is_read(tmp_path: Path) -> None:
    assert read_checkpoint(safetensors(tmp_path / "a.safetensors", STATE)).tensors == SPECS


def test_a_checkpoint_in_several_files_is_read_by_its_index(tmp_path: Path) -> None:
    for name, file in (("a.weight", "1.safetensors"), ("b", "2.safetensors")):
        safetensors(tmp_path / file, {name: STATE[name]})
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(
        json.dumps({"weight_map": {"a.weight": "1.safetensors", "b": "2.safetensors"}})
    )
    assert read_checkpoint(index).tensors == SPECS
    (tmp_path / "2.safetensors").unlink()
    assert refusal(index) == (
        '"model.safetensors.index.json" names "2.safetensors", and there is no such file beside it.'
    )


def test_files_of_torch_save_have_an_index_too(tmp_path: Path) -> None:
    for name, file in (("a.weight", "1.bin"), ("b", "2.bin")):
        saved(tmp_path / file, {name: STATE[name]})
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": {"a.weight": "1.bin", "b": "2.bin"}}))
    assert read_checkpoint(index).tensors == SPECS


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.bin", "", "model.safetensors.index.json"])
def test_an_index_names_files_beside_it_and_no_others(name: str, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    saved(tmp_path / "a.bin", STATE)
    index = tmp_path / "inside" / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a.weight": name}}))
    assert refusal(index).endswith(f'names "{name}", and there is no such file beside it.')


@pytest.mark.parametrize(
    ("shape", "offsets"),
    [([10**12, 10**12], [0, 4]), ([2], [0, 4]), ([-1], [0, 4]), ([1], [4, 0]), ([1], [-4, 0])],
)
def test_a_header_whose_numbers_cannot_be_is_told(
    shape: list[int], offsets: list[int], tmp_path: Path
) -> None:
    entry = {"a": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}
    text = json.dumps(entry).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    assert refusal(path).endswith('the bytes of "a" do not match its shape.')


def test_a_dtype_that_is_new_keeps_its_name(tmp_path: Path) -> None:
    text = b'{"a": {"dtype": "F4", "shape": [8], "data_offsets": [0, 4]}}'
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    assert read_checkpoint(path).tensors == {"a": TensorSpec((8,), "F4")}


def test_the_only_dict_of_tensors_is_found(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"epoch": 3, "state_dict": STATE, "options": {"lr": 0.1}})
    assert read_checkpoint(path).tensors == SPECS


def test_of_several_one_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"net": STATE, "ema": {"b": STATE["b"]}})
    assert read_checkpoint(path, "ema").tensors == {"b": SPECS["b"]}
    assert refusal(path, "emma") == '"a.pt" has no dict "emma". Did you mean "ema"?'


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('the code in the file ran')",)


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"a.weight": STATE["a.weight"], "trap": Trap()})
    assert "loading it would execute code from the file" in refusal(path)
    (tmp_path / "raw.pt").write_bytes(pickle.dumps(Trap()))
    assert "raw.pt" in refusal(tmp_path / "raw.pt")


def test_a_whole_model_is_refused_with_its_class(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path / "a.pt", nn.Linear(2, 2))) == (
        '"a.pt" contains a whole object of torch.nn.modules.linear.Linear, as torch.save(model, '
        "path) writes it; loading it would execute code from the file. Save the tensors alone: "
        "torch.save(model.state_dict(), path)."
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pt", b"hello world", '"a.pt" is neither a torch.save file nor a safetensors file.'),
        ("a.pt", b"", '"a.pt" is empty.'),
        ("a.safetensors", b"hello", '"a.safetensors" is not a safetensors file: its header is in'),
        ("a.safetensors", bytes(8), '"a.safetensors" is not a safetensors file: its header is in'),
        (
            "a.safetensors",
            struct.pack("<Q", 9) + b'{"a": 12}',
            '"a.safetensors" is not a safetensors file: its header says Expected `object`',
        ),
        (
            "a.safetensors",
            struct.pack("<Q", 200_006) + b'{"a": ' + b"[" * 200_000,
            '"a.safetensors" is not a safetensors file: its header says maximum recursion',
        ),
        ("a.json", b"{}", '"a.json" is not a checkpoint index: '),
    ],
    ids=["text", "empty", "short", "no header", "no entry", "too deep", "no index"],
)
def test_what_is_no_checkpoint_is_told(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path).startswith(said)


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "a.safetensors", STATE)
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    assert refusal(path) == (
        f'"a.safetensors" is truncated: {len(whole) - 4:,} bytes of {len(whole):,}. '
        "Download it again."
    )


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old format"])
def test_a_file_of_torch_save_that_was_cut_off_is_told(new: bool, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", STATE, _use_new_zipfile_serialization=new)
    whole = path.read_bytes()
    for end in range(4, len(whole) * 9 // 10, 7):
        path.write_bytes(whole[:end])
        assert len(refusal(path)) < 200
    assert refusal(path).startswith('"a.pt" is damaged, or not a torch.save file: ')


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old format"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(new: bool, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", STATE, _use_new_zipfile_serialization=new)
    whole, dice = path.read_bytes(), random.Random(0)
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data)
        with suppress(TraceError):
            read_checkpoint(path)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_a_program_is_refused_as_one(tmp_path: Path) -> None:
    torch.jit.script(nn.Linear(2, 2)).save(str(tmp_path / "a.pt"))
    assert refusal(tmp_path / "a.pt").startswith('"a.pt" is a program that torch.jit.save wrote.')


@pytest.mark.parametrize("item", [[1, 2], {"a": 1}], ids=["list", "numbers"])
def test_a_file_without_tensors_is_told(item: object, tmp_path: Path) -> None:
    assert "dict of tensors" in refusal(saved(tmp_path / "a.pt", item))


def test_a_model_loads_its_parameters_and_the_buffers_that_it_saves() -> None:
    model = nn.BatchNorm2d(2)
    model.register_buffer("scratch", torch.zeros(9), persistent=False)
    assert list(state_of(model)) == list(model.state_dict())
    assert state_of(model)["num_batches_tracked"] == TensorSpec((), "int64")


def test_shapes_are_read_without_the_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.pt", {"a": torch.zeros(1000, 1000)})
    loaded = torch.load(path, map_location="meta", weights_only=True, mmap=True)
    assert loaded["a"].device.type == "meta"
    assert read_checkpoint(path).tensors == {"a": TensorSpec((1000, 1000), "float32")}
