"""The calls of modules in which no line of the model's own source can run."""

from __future__ import annotations

from torch import nn

from tracer.from_torch.capture.recorded_op import Arguments, Keywords
from tracer.from_torch.private_torch import FakeTensor, has_any_global_hook, mode_count

LAYERS = "torch.nn.modules."
"""How the names of the modules begin in which PyTorch defines its layers."""


def may_run_own_code(module: nn.Module, args: Arguments, kwargs: Keywords, modes: int) -> bool:
    """Return whether code of the model may run in a call of a module.

    Args:
        module: The module that is called.
        args: The arguments of the call. A class of tensors may have code of its own.
        kwargs: The keywords of the call.
        modes: How many modes of torch a run has by itself; another one is the model's.
    """
    if kwargs or not all(type(one) is FakeTensor for one in args):
        return True
    return not is_plain_layer(module) or mode_count() != modes


def is_plain_layer(module: nn.Module) -> bool:
    """Return whether a module is a layer of PyTorch's own class, without hooks.

    >>> is_plain_layer(nn.Linear(2, 2)), is_plain_layer(nn.Sequential(nn.Linear(2, 2)))
    (True, False)
    """
    cls = type(module)
    if not (cls.__module__.startswith(LAYERS) and cls.forward.__module__.startswith(LAYERS)):
        return False
    is_changed = module._modules or "forward" in vars(module)
    hooks = module._forward_hooks or module._forward_pre_hooks or has_any_global_hook()
    return not (is_changed or hooks)
