"""Functions and classes that are known: what they do depends on their arguments alone.

Only what is listed here is known. What is written in Python is not: its bytecode is looked at.
"""

from __future__ import annotations

import builtins
import inspect
import itertools
import os
import sys
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.isolation.attribute_copier import LIBRARIES
from tracer.from_torch.private_torch import VariableFunctions, jit_tracing_state

BUILTINS = frozenset(
    getattr(builtins, name)
    for name in (
        *("abs", "all", "any", "callable", "chr", "divmod", "format", "isinstance", "issubclass"),
        *("iter", "len", "max", "min", "next", "ord", "pow", "repr", "round", "sorted", "sum"),
    )
)

BUILTIN_CLASSES = frozenset(
    (
        *(bool, bytes, complex, dict, enumerate, float, frozenset, int, list, object, range),
        *(reversed, set, slice, staticmethod, str, super, tuple, type, zip),
        *(itertools.chain, itertools.islice, itertools.product, itertools.repeat),
        *(itertools.zip_longest, torch.device, torch.dtype, torch.Size),
    )
)
"""Classes that are written in C, whose instances hold nothing but what they were made from."""

MODULES = frozenset(("math", "_operator"))
"""The modules in C all of whose functions are known."""

TORCH_MODULES = frozenset(
    ("torch._C._fft", "torch._C._linalg", "torch._C._nn", "torch._C._special")
)

TORCH_QUERIES = frozenset(
    (
        *(torch.get_default_dtype, torch.is_autocast_enabled, torch.is_grad_enabled),
        jit_tracing_state,
    )
)
"""Functions whose result is part of what two calls are compared by, or the same in a whole run."""

_TORCH_FOLDER = Path(torch.__file__).parent
_CAPTURE = Path(__file__).parents[1]

TRUSTED_FILES = (
    *(
        str(_CAPTURE / name)
        for name in (
            *("absent_devices.py", "dispatch_recorder.py", "isolation/module_shadow.py"),
            *("model_call.py", "module_calls.py", "op_recorder.py", "running_call.py"),
        )
    ),
    *(
        str(_TORCH_FOLDER / name)
        for name in (
            *("nn/modules", "nn/functional.py", "functional.py", "_jit_internal.py"),
            *("overrides.py", "_tensor.py", "_VF.py"),
        )
    ),
)
"""How the paths of files begin whose functions need not be looked at.

They are PyTorch's own layers, whose state is the state of their module; and what the run has put in
the place of functions of PyTorch.
"""

SIGNATURE = inspect.signature.__code__
"""It reads a function, and nothing else."""

STANDARD_LIBRARY = (f"{Path(os.__file__).parent}{os.sep}", "<frozen ")


def is_safe_builtin(function: Any) -> bool:
    """Whether the result of a function in C depends on its arguments alone.

    A function of torch that makes tensors is recorded, and judged there.

    >>> import random
    >>> is_safe_builtin(len), is_safe_builtin(torch.conv2d), is_safe_builtin(random.random)
    (True, True, False)
    """
    if type(function) is not BuiltinFunctionType:
        return False
    if function in BUILTINS or function in TORCH_QUERIES:
        return True
    name, owner = function.__name__, function.__self__
    if getattr(VariableFunctions, name, None) is function:
        return True
    return inspect.ismodule(owner) and owner.__name__ in MODULES | TORCH_MODULES


def is_safe_class(cls: type) -> bool:
    """Whether all that an instance does is in functions written in Python, or is known.

    >>> from functools import partial
    >>> is_safe_class(nn.Conv2d), is_safe_class(list), is_safe_class(partial)
    (True, True, False)
    """
    if cls in BUILTIN_CLASSES or issubclass(cls, (nn.Module, Tensor, BaseException)):
        return True
    return cls.__module__.partition(".")[0] not in LIBRARIES


def has_own_equality(cls: type) -> bool:
    """Whether a class has its own idea of which classes it equals, and cannot be looked up."""
    meta = type(cls)
    return meta.__hash__ is not type.__hash__ or meta.__eq__ is not type.__eq__


def is_library_class(cls: type) -> bool:
    """Whether a class is of PyTorch or of the standard library.

    The module of a user may be called like one of that library: ``code.model``.

    >>> is_library_class(nn.Conv2d), is_library_class(object), is_library_class(Path)
    (True, True, True)
    """
    name = cls.__module__
    top = name.partition(".")[0]
    if top not in LIBRARIES:
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:
        return top in sys.builtin_module_names
    return file.startswith(str(_TORCH_FOLDER)) or _is_of_standard_library(file)


def is_trusted(frame: FrameType) -> bool:
    """Whether a function that runs need not be looked at.

    A function of the standard library is trusted where a trusted one called it.
    """
    caller: FrameType | None = frame
    while caller is not None:
        file = caller.f_code.co_filename
        if is_trusted_code(caller.f_code):
            return True
        if not _is_of_standard_library(file):
            return False
        caller = caller.f_back
    return False


def is_trusted_code(code: CodeType) -> bool:
    """Whether a function need not be looked at, whoever calls it."""
    return code is SIGNATURE or code.co_filename.startswith(TRUSTED_FILES)


def _is_of_standard_library(file: str) -> bool:
    return file.startswith(STANDARD_LIBRARY) and "site-packages" not in file
