"""Tensors without data act as the tensors that they stand for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tracer.from_torch.capture.tensor_source import FakeTensors, RealTensors

STRIDED = torch.empty(3, 4).t()
SAMPLES = {
    "plain": torch.empty(2, 3),
    "transposed": STRIDED,
    "channels last": torch.empty(2, 3, 4, 5).to(memory_format=torch.channels_last),
    "expanded": torch.empty(3, 1).expand(3, 4),
    "a scalar": torch.tensor(3),
    "empty": torch.empty(0, 4),
    "half": torch.empty(2, dtype=torch.float16),
    "boolean": torch.tensor([True]),
    "complex": torch.empty(2, dtype=torch.complex64),
    "on meta": torch.empty(2, 3, device="meta"),
    "a parameter": nn.Parameter(torch.empty(2, 3)),
    "sparse": torch.eye(3).to_sparse(),
}
each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@each_sample
def test_a_fake_says_what_the_tensor_says(sample: Tensor) -> None:
    fake = FakeTensors().replacement(sample)
    assert (fake.shape, fake.dtype, fake.layout) == (sample.shape, sample.dtype, sample.layout)
    if sample.layout is torch.strided:
        assert fake.stride() == sample.stride()
    assert fake.device == torch.device("cpu")


def test_a_fake_stays_on_a_device_that_is_not_there() -> None:
    fakes = FakeTensors()
    with fakes.mode:
        elsewhere = torch.empty(2, 3, device="cuda")
    assert FakeTensors().replacement(elsewhere).device.type == "cuda"


@each_sample
def test_a_copy_has_shape_and_dtype_and_its_own_memory(sample: Tensor) -> None:
    copy = RealTensors().replacement(sample)
    assert (copy.shape, copy.dtype) == (sample.shape, sample.dtype)
    assert copy.device == torch.device("cpu")
    assert copy is not sample


def test_a_copy_has_the_numbers_if_there_are_any() -> None:
    assert torch.equal(RealTensors().replacement(torch.arange(3)), torch.arange(3))


def test_without_numbers_a_copy_is_random_and_the_same_each_time() -> None:
    bare = torch.empty(2, 3, device="meta")
    one, other = RealTensors().replacement(bare), RealTensors().replacement(bare)
    assert torch.equal(one, other)
    assert one.std() > 0
