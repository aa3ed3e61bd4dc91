"""How a module converts itself during a run, such as by `half()`: its parameters have no data."""

from __future__ import annotations

import threading
from collections.abc import Callable

from torch import Tensor, nn

Apply = Callable[..., nn.Module]


def apply_in(thread: int, original: Apply) -> Apply:
    """Return an `nn.Module._apply`, through which a module converts itself, for swapped parameters.

    PyTorch's own replaces the data of a parameter, and a tensor without data has none.

    Args:
        thread: The thread of the run. Modules that others convert are left to PyTorch.
        original: PyTorch's own.
    """

    def apply(module: nn.Module, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> nn.Module:
        if threading.get_ident() != thread:
            return original(module, fn, recurse)
        for child in module.children() if recurse else ():
            child._apply(fn)
        for state in (module._parameters, module._buffers):
            for name, old in state.items():
                new = None if old is None else fn(old)
                if new is not None and new is not old:
                    if isinstance(old, nn.Parameter):
                        new._is_param = True
                    state[name] = new  # type: ignore[assignment]
        return module

    return apply
