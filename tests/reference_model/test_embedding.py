from __future__ import annotations

import math

import pytest
import torch

from reference_model import get_timestep_embedding


def by_the_formula(step: float, embedding_dim: int) -> list[float]:
    half = embedding_dim // 2
    angles = [step * 10000 ** (-i / (half - 1)) for i in range(half)]
    padding = [0.0] * (embedding_dim % 2)
    return [*map(math.sin, angles), *map(math.cos, angles), *padding]


@pytest.mark.parametrize("embedding_dim", [4, 5, 32, 33, 128])
def test_sines_come_first_then_cosines_then_a_zero_if_the_width_is_odd(embedding_dim: int) -> None:
    steps = [0.0, 1.0, 10.5, 999.0]
    embedding = get_timestep_embedding(torch.tensor(steps), embedding_dim)
    expected = torch.tensor([by_the_formula(step, embedding_dim) for step in steps])
    torch.testing.assert_close(embedding, expected, rtol=1e-4, atol=1e-4)


def test_whole_timesteps_give_float32_as_well() -> None:
    whole = get_timestep_embedding(torch.tensor([3, 500]), 32)
    assert whole.dtype is torch.float32
    assert torch.equal(whole, get_timestep_embedding(torch.tensor([3.0, 500.0]), 32))


def test_the_embedding_is_made_where_the_timesteps_are() -> None:
    embedding = get_timestep_embedding(torch.ones(2, device="meta"), 32)
    assert (embedding.device.type, embedding.shape) == ("meta", (2, 32))


@pytest.mark.parametrize(("embedding_dim", "width"), [(0, 0), (1, 1)])
def test_no_width_or_a_width_of_one_holds_nothing_but_the_padding(
    embedding_dim: int, width: int
) -> None:
    assert torch.equal(get_timestep_embedding(torch.ones(2), embedding_dim), torch.zeros(2, width))


@pytest.mark.parametrize("embedding_dim", [-2, 2, 3])
def test_a_width_that_has_no_spacing_is_refused(embedding_dim: int) -> None:
    with pytest.raises(ValueError, match="embedding_dim") as error:
        get_timestep_embedding(torch.ones(2), embedding_dim)
    assert str(error.value) == (
        f"embedding_dim={embedding_dim}: the frequencies are spaced over half of it less one, "
        "so give 4 or more."
    )


def test_timesteps_of_another_rank_are_refused() -> None:
    with pytest.raises(ValueError, match="timesteps") as error:
        get_timestep_embedding(torch.ones(2, 1), 32)
    assert str(error.value) == "timesteps of shape (2, 1): give a tensor of shape (B,)."
