"""A module that is imported during a run keeps nothing of it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tracer

KEEPS = """
from torch import nn

CALL, APPLY = nn.Module.__call__, nn.Module._apply
"""


class Imports(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        import_module("keeps_what_is_replaced")
        return self.conv(x)


def test_a_module_imported_during_a_run_keeps_no_function_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keeps_what_is_replaced.py").write_text(KEEPS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    call, apply = nn.Module.__call__, nn.Module._apply
    tracer.trace(Imports(), torch.zeros(1, 3, 8, 8))
    kept = sys.modules.pop("keeps_what_is_replaced")
    assert (call, apply) == (kept.CALL, kept.APPLY)


def test_a_call_that_a_closure_kept_is_that_of_pytorch_after_the_run() -> None:
    kept = []

    class Keeps(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            kept.append(nn.Module.__call__)
            return super().forward(x)

    model, x = Keeps(3, 3, 1), torch.zeros(1, 3, 8, 8)
    steps = tracer.trace(model, x).steps
    assert torch.equal(kept[0](model, x), model(x))
    assert len(steps) == 1
