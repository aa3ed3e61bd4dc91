"""What the tests of the reference model share: small keywords, and shapes seen by hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor, nn

ModuleCalls = list[tuple[str, str, tuple[int, ...]]]


@pytest.fixture
def small() -> dict[str, Any]:
    """Keywords of a two-level model with attention at the coarser level; a test may change them."""
    return {
        "ch": 32,
        "out_ch": 3,
        "ch_mult": (1, 2),
        "num_res_blocks": 1,
        "attn_resolutions": (4,),
        "in_channels": 3,
        "resolution": 8,
    }


@pytest.fixture
def module_calls() -> Callable[..., tuple[Tensor, ModuleCalls]]:
    """Run a model; give its output and, in order, each module's path, class and output shape."""

    def run(model: nn.Module, **inputs: Tensor | None) -> tuple[Tensor, ModuleCalls]:
        calls: ModuleCalls = []

        def hook_for(path: str) -> Callable[..., None]:
            def hook(module: nn.Module, _: object, output: Tensor) -> None:
                calls.append((path, type(module).__name__, tuple(output.shape)))

            return hook

        handles = [
            module.register_forward_hook(hook_for(path))
            for path, module in model.named_modules()
            if path
        ]
        output = model(**inputs)
        for handle in handles:
            handle.remove()
        return output, calls

    return run
