"""Small programs of tensor operations: views, changes in place, casts, aliases, as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

Operation = Callable[[Tensor, Tensor, int], Tensor]


def joined(a: Tensor, b: Tensor, n: int) -> Tensor:
    return torch.cat([a.flatten(), b.flatten()[:n]])


def matching(a: Tensor, b: Tensor) -> Tensor:
    """`b`, or a number of it, so that it fits `a`."""
    return b if a.shape == b.shape else b.reshape(-1)[:1].sum()


def written(a: Tensor, b: Tensor, n: int) -> Tensor:
    a[n % len(a) if a.dim() else ...] = 2
    return b


def fused(a: Tensor, b: Tensor, n: int) -> Tensor:
    """A product that autocast makes half as wide, in one of the two ways, or in none."""
    rows = a.reshape(-1, 1).float()
    dtype = (torch.bfloat16, torch.float16, None)[n % 3]
    with torch.autocast("cpu", dtype=dtype, enabled=dtype is not None):
        return rows[:2] @ rows[:2].T


OPERATIONS: dict[str, Operation] = {
    # views, or copies where the strides do not allow one
    "transpose": lambda a, b, n: a.transpose(0, -1) if a.dim() else a,
    "flatten": lambda a, b, n: a.flatten(),
    "reshape": lambda a, b, n: a.reshape(-1, 1),
    "slice": lambda a, b, n: a[n % 2 :] if a.dim() else a,
    "step": lambda a, b, n: a[..., :: n % 2 + 1] if a.dim() else a,
    "select": lambda a, b, n: a[0] if a.dim() else a,
    "expand": lambda a, b, n: a.unsqueeze(0).expand(2, *a.shape),
    "squeeze": lambda a, b, n: a.squeeze(),
    "new axis": lambda a, b, n: a[..., None],
    "chunk": lambda a, b, n: a.chunk(2)[-1] if a.dim() else a,
    "unbind": lambda a, b, n: a.unbind(0)[-1] if a.dim() else a,
    "diagonal": lambda a, b, n: a.diagonal() if a.dim() > 1 else a,
    "strided": lambda a, b, n: a.as_strided((1, 2), (1, 1)) if a.numel() > 2 else a,
    "view": lambda a, b, n: a.view_as(a),
    "detach": lambda a, b, n: a.detach(),
    "data": lambda a, b, n: a.data,
    "bits": lambda a, b, n: a.view(torch.int32) if a.dtype == torch.float32 else a,
    "windows": lambda a, b, n: a.unfold(0, 2, 1) if a.dim() and len(a) > 1 else a,
    "spread": lambda a, b, n: torch.broadcast_tensors(a, a[:1] if a.dim() else a)[n % 2],
    "pair": lambda a, b, n: torch.broadcast_tensors(a, b)[n % 2] if a.shape == b.shape else a,
    "parts": lambda a, b, n: torch.complex(a.float(), a.float() + 1).conj().imag,
    # the same tensor, or a new one, as the argument is
    "contiguous": lambda a, b, n: a.contiguous(),
    "float": lambda a, b, n: a.float(),
    "like": lambda a, b, n: a.to(b.dtype),
    "double": lambda a, b, n: a.double(),
    "half": lambda a, b, n: a.to(torch.float16),
    "same": lambda a, b, n: a.to(a.dtype),
    "drop nothing": lambda a, b, n: nn.functional.dropout(a, 0.5, training=False),
    # new tensors
    "add": lambda a, b, n: a + matching(a, b),
    "times": lambda a, b, n: a * (1, 1.0, True, n)[n % 4],
    "power": lambda a, b, n: a.sigmoid() ** 2,
    "is": lambda a, b, n: a > matching(a, b),
    "sum": lambda a, b, n: a.sum(0) if a.dim() else a.sum(),
    "mean": lambda a, b, n: a.float().mean(-1, keepdim=n % 2 == 1) if a.dim() else a,
    "best": lambda a, b, n: a.max(0)[n % 2] if a.dim() else a,
    "cat": joined,
    "stack": lambda a, b, n: torch.stack([a, matching(a, b).expand_as(a).to(a.dtype)]),
    "clone": lambda a, b, n: a.clone(),
    "ones": lambda a, b, n: torch.ones(n + 1) * a.flatten()[:1].sum(),
    "like ones": lambda a, b, n: torch.ones_like(a),
    "count": lambda a, b, n: a * int(torch.tensor(n) + torch.tensor(1)),
    "where": lambda a, b, n: torch.where(a > n, a, torch.zeros((), dtype=a.dtype)),
    "autocast": fused,
    "halves": lambda a, b, n: torch.ones(2, n + 2).chunk(2, 1)[n % 2],
    # changed in place
    "zero": lambda a, b, n: a.zero_(),
    "raise": lambda a, b, n: a.mul_(2),
    "lower": lambda a, b, n: a.flatten().add_(1),
    "copy": lambda a, b, n: a.copy_(matching(a, b)),
    "write": written,
    "write rows": lambda a, b, n: a[:1].fill_(n) if a.dim() else a.fill_(n),
    "turn": lambda a, b, n: a.t_() if a.dim() == 2 else a.unsqueeze_(0),
    "rectify": lambda a, b, n: nn.functional.relu(a, inplace=True),
    "out": lambda a, b, n: torch.add(a, 1, out=torch.empty_like(a)),
}


@dataclass(frozen=True)
class Program:
    """Steps on a growing list of tensors: which operation, on which two of them, with a number."""

    steps: tuple[tuple[str, int, int, int], ...]

    def run(self, x: Tensor, y: Tensor) -> list[Tensor]:
        """All tensors at the end; a view that something changed later is changed, too."""
        held = [x, y]
        for name, one, other, number in self.steps:
            held.append(OPERATIONS[name](held[one % len(held)], held[other % len(held)], number))
        return held


class Runs(nn.Module):
    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program

    def forward(self, x: Tensor, y: Tensor) -> list[Tensor]:
        return self.program.run(x, y)


def programs(operations: int = 8) -> st.SearchStrategy[Program]:
    number = st.integers(0, 5)
    step = st.tuples(st.sampled_from(sorted(OPERATIONS)), number, number, st.integers(0, 3))
    return st.lists(step, min_size=1, max_size=operations).map(lambda s: Program(tuple(s)))
