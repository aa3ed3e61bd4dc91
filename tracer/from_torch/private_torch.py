"""The private names of PyTorch that the tracer depends on. No other module asks for one.

Running a model without data:
    `FakeTensor`, `FakeTensorMode`: tensors that have a shape, a dtype and a device, and no data.
    `DataDependentOutputException`, `DynamicOutputShapeException`: what an operation raises if its
    result depends on data.
    `DisableTorchDispatch`, `DisableTorchFunction`, `disable_current_modes`: allocate a tensor
    without the active modes.
    `DYNAMO`, `DYNAMO_DISABLE_MARK`: the compiler that fake tensors would import, and the attribute
    by which it marks a function.
    `SYMBOLIC_SHAPES`, `SYMBOL_ERROR`: the module of sizes that are symbols, which checks of sizes
    would import, and the error that it raises.

Recording operations:
    `TorchDispatchMode`: sees each ATen operation.
    `functorch_level`: None outside `vmap` and `grad`, whose inner calls are not recorded.
    `OpOverload`: the type of an ATen operation.
    `flop_registry`, `sdpa_flop_count`: the FLOP formulas behind `FlopCounterMode`.

Writing a graph:
    `GraphNamespace`: hands out the names that `torch.fx.Graph` gives to its nodes.
    `enter_autocast`, `exit_autocast`, `enter_inference_mode`, `exit_inference_mode`,
    `set_grad_enabled`: the functions that ``with`` calls.

    `CPU_ATTENTION`: the operation that attention becomes on a CPU. It is None where there is none:
    then the FLOPs of attention are those that `flop_registry` has for it, if any.

Reading a model:
    `ConvNd`: the base class of all convolutions.
    `has_any_global_hook`, `mode_count`: whether a call of a layer runs code that is not PyTorch's.
    `VariableFunctions`: functions whose results follow from their arguments.
    `jit_tracing_state`: whether `torch.jit.trace` is running, which every call of a module asks.

Attributes that no import can name are used where they are needed, and listed in `ATTRIBUTES`.
Where a name is missing, importing this module raises an error that says which, and which versions
of PyTorch are supported.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from tracer.errors import TraceError

MINIMUM_TORCH: Final = "2.10"
"""The oldest version of PyTorch that the package supports, as pyproject.toml states it."""
NEWEST_TORCH: Final = "2.13"
"""The newest version on which all tests ran."""

MISSING_NAME: Final = (
    "unet-trace supports torch {minimum} and newer, and torch {version} lacks a private name that "
    'it depends on: {name}. Install a supported version: pip install "torch>={minimum}". If that '
    'is the version you have, please report it; it was tested up to "torch=={newest}.*".'
)

DYNAMO: Final = "torch._dynamo"
SYMBOLIC_SHAPES: Final = "torch.fx.experimental.symbolic_shapes"
SYMBOL_ERROR: Final = "GuardOnDataDependentSymNode"
DYNAMO_DISABLE_MARK: Final = "__dynamo_disable"
FAKE_TENSOR_PACKAGE: Final = "torch._subclasses."
FAKE_TENSOR_LOGGER: Final = "torch._subclasses.fake_tensor"
TENSOR_METHODS: Final = "torch._tensor"
"""The module of the tensor methods that are written in Python."""

ATTRIBUTES: Final = (
    (Tensor, "_make_subclass"),
    (Tensor, "_version"),
    (torch.UntypedStorage, "_cdata"),
    (nn.Module, "_apply"),
    (nn.Module, "_call_impl"),
    (nn.Module(), "_parameters"),
    (nn.Module(), "_buffers"),
    (nn.Module(), "_modules"),
    (nn.Module(), "_forward_hooks"),
    (nn.Module(), "_forward_pre_hooks"),
    (nn.Module(), "_backward_hooks"),
    (nn.Module(), "_backward_pre_hooks"),
    (nn.Module(), "_non_persistent_buffers_set"),
    (nn.Module().state_dict(), "_metadata"),
    (torch.ops.aten.mm.default, "_overloadpacket"),
)
"""Private attributes, each with its class, or with an object where only objects have it."""
CPU_ATTENTION: Final = getattr(torch.ops.aten, "_scaled_dot_product_flash_attention_for_cpu", None)


def missing_name_error(name: str) -> TraceError:
    """The error for a private name that the installed version of PyTorch does not have."""
    return TraceError(
        MISSING_NAME.format(
            minimum=MINIMUM_TORCH, version=torch.__version__, name=name, newest=NEWEST_TORCH
        )
    )


try:
    from torch._C import DisableTorchFunction
    from torch._C import _DisableTorchDispatch as DisableTorchDispatch
    from torch._C import _get_tracing_state as jit_tracing_state
    from torch._C import _len_torch_dispatch_stack as dispatch_mode_count
    from torch._C import _len_torch_function_stack as function_mode_count
    from torch._C import _set_grad_enabled as set_grad_enabled
    from torch._C import _VariableFunctions as VariableFunctions
    from torch._C._functorch import maybe_current_level as functorch_level
    from torch._ops import OpOverload
    from torch._subclasses.fake_tensor import (
        DataDependentOutputException,
        DynamicOutputShapeException,
        FakeTensor,
        FakeTensorMode,
    )
    from torch.amp.autocast_mode import _enter_autocast as enter_autocast
    from torch.amp.autocast_mode import _exit_autocast as exit_autocast
    from torch.autograd.grad_mode import _enter_inference_mode as enter_inference_mode
    from torch.autograd.grad_mode import _exit_inference_mode as exit_inference_mode
    from torch.fx.graph import _Namespace as GraphNamespace
    from torch.nn.modules.conv import _ConvNd as ConvNd
    from torch.nn.modules.module import _has_any_global_hook as has_any_global_hook
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._python_dispatch import _disable_current_modes as disable_current_modes
    from torch.utils.flop_counter import flop_registry, sdpa_flop_count
except ImportError as error:
    raise missing_name_error(str(error).partition(" (")[0]) from error

for owner, attribute in ATTRIBUTES:
    if not hasattr(owner, attribute):
        owner_name = getattr(owner, "__name__", type(owner).__name__)
        raise missing_name_error(f"{owner_name}.{attribute}")


def mode_count() -> int:
    """How many modes see what torch does now, on either level."""
    return int(function_mode_count() + dispatch_mode_count())


__all__ = [
    "CPU_ATTENTION",
    "DYNAMO",
    "DYNAMO_DISABLE_MARK",
    "FAKE_TENSOR_LOGGER",
    "FAKE_TENSOR_PACKAGE",
    "TENSOR_METHODS",
    "ConvNd",
    "DataDependentOutputException",
    "DisableTorchDispatch",
    "DisableTorchFunction",
    "DynamicOutputShapeException",
    "FakeTensor",
    "FakeTensorMode",
    "GraphNamespace",
    "OpOverload",
    "TorchDispatchMode",
    "VariableFunctions",
    "disable_current_modes",
    "enter_autocast",
    "enter_inference_mode",
    "exit_autocast",
    "exit_inference_mode",
    "flop_registry",
    "functorch_level",
    "has_any_global_hook",
    "jit_tracing_state",
    "mode_count",
    "sdpa_flop_count",
    "set_grad_enabled",
]
