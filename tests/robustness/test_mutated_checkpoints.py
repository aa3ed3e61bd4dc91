"""A damaged checkpoint is read or refused with one message; nothing in it is run or unpacked."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.robustness.mutated import break_once, broken_bytes, changed_documents, encoded
from tracer.errors import TraceError
from tracer.from_torch.checkpoints import file_format
from tracer.from_torch.checkpoints.checkpoint_reader import Checkpoint, read_checkpoint
from tracer.snapshot import TensorSpec
from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts

BROKEN = 300
MODEL = {"weight": TensorSpec((8, 3), "float32"), "bias": TensorSpec((8,), "float32")}
HEADER = {
    "__metadata__": {"format": "pt"},
    "weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
    "bias": {"dtype": "F32", "shape": [8], "data_offsets": [96, 128]},
}
INDEX = {"metadata": {"total_size": 128}, "weight_map": {"weight": "a.safetensors"}}


def safetensors(header: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + bytes(128)


def saved(contents: object, *, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save(contents, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


@cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    """Every damaged checkpoint that is tried, with the suffix of its file."""
    header = json.dumps(HEADER).encode()
    state = {"state_dict": torch.nn.Linear(3, 8).state_dict(), "epoch": 3}
    bases = [
        (".safetensors", safetensors(header)),
        (".pt", saved(state, zipped=True)),
        (".pt", saved(state, zipped=False)),
        (".index.json", json.dumps(INDEX).encode()),
    ]
    changed = [
        *((".safetensors", safetensors(encoded(one))) for one in changed_documents(HEADER)),
        *((".safetensors", safetensors(one)) for one in broken_bytes(header, BROKEN)),
        *((".index.json", encoded(one)) for one in changed_documents(INDEX)),
    ]
    broken = [(suffix, one) for suffix, data in bases for one in broken_bytes(data, BROKEN)]
    return (*changed, *broken)


def read(path: Path, data: bytes) -> Checkpoint | None:
    """The tensors of a checkpoint; None for one that is refused, in one short line."""
    path.write_bytes(data)
    try:
        return read_checkpoint(path)
    except TraceError as error:
        message = str(error)
    assert str(path) in message
    assert len(message) < 1_000
    return None


def test_a_damaged_checkpoint_is_read_or_refused(tmp_path: Path) -> None:
    found = [read(tmp_path / f"x{suffix}", data) for suffix, data in corpus()]
    read_ones = [one for one in found if one is not None]
    assert 0 < len(read_ones) < len(found)
    for checkpoint in read_ones:
        compare_state_dicts(MODEL, checkpoint.tensors)


def test_a_key_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    header = json.dumps(HEADER).encode().replace(b"weight", b"wei\xffht")
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors(header))
    with pytest.raises(TraceError, match="not a safetensors file"):
        read_checkpoint(path)


def test_tensors_that_share_bytes_are_refused(tmp_path: Path) -> None:
    bias = {**HEADER["bias"], "data_offsets": [64, 96]}
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors(json.dumps({**HEADER, "bias": bias}).encode()))
    with pytest.raises(TraceError, match='"weight" and "bias" share bytes'):
        read_checkpoint(path)


def test_a_dtype_that_is_no_name_is_refused_and_not_printed(tmp_path: Path) -> None:
    bias = {**HEADER["bias"], "dtype": "\x1b]0;x\x07"}
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors(json.dumps({**HEADER, "bias": bias}).encode()))
    with pytest.raises(TraceError, match='"bias" has no dtype') as caught:
        read_checkpoint(path)
    assert "\x1b" not in str(caught.value)


def test_what_describes_the_tensors_is_not_unpacked_if_it_is_a_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_format, "MAX_PICKLE_BYTES", 1 << 20)
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", bytes(3 << 20))
    assert path.stat().st_size < 1 << 16
    with pytest.raises(TraceError, match="describes its tensors in 3 MiB"):
        read_checkpoint(path)


def test_dicts_that_name_each_other_often_are_searched_in_time(tmp_path: Path) -> None:
    inner = {"loss": 0.5}
    for _ in range(3):
        inner = {f"epoch {number}": inner for number in range(400)}
    path = tmp_path / "x.pt"
    torch.save(inner, path)
    with pytest.raises(TraceError, match="holds none"):
        read_checkpoint(path)


@pytest.mark.nightly
@examples(300)
@given(data=st.data())
def test_a_checkpoint_that_is_broken_anywhere_is_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    suffix, damaged = data.draw(st.sampled_from(corpus()))
    for _ in range(data.draw(st.integers(1, 4))):
        piece = data.draw(st.binary(max_size=8))
        damaged = break_once(damaged, lambda end: data.draw(st.integers(0, max(0, end - 1))), piece)
    read(tmp_path_factory.getbasetemp() / f"broken{suffix}", damaged)
