"""The exception that PyTorch itself raises for a call that failed on tensors without data.

PyTorch checks arguments twice: in the kernels that compute, and in the functions that only infer
shapes. The latter often word a mistake differently, and people search for the words of the former.
So a call that failed is made once more, on zeros of the same shapes.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from traceback import walk_tb

import torch
from torch import Tensor

from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.recorded_op import TorchCall
from tracer.from_torch.capture.source.user_source import TORCH
from tracer.from_torch.private_torch import (
    FAKE_TENSOR_LOGGER,
    DataDependentOutputException,
    DisableTorchDispatch,
    DisableTorchFunction,
    DynamicOutputShapeException,
)

OWN = f"{Path(__file__).parents[2]}{os.sep}"
"""The folder of the tracer, whose recorders PyTorch calls."""

MAX_ZEROS = 2**22
"""The most elements that zeros are made of: 16 MB of float32."""

MAX_EXPANDED = 2**30
"""The most elements of operands that share one zero instead, which takes no memory."""

NEEDS_DATA = (DataDependentOutputException, DynamicOutputShapeException, NotImplementedError)
"""What says that a call needs data, and nothing about its arguments."""


def native_error(call: TorchCall, error: Exception) -> Exception:
    """Return what PyTorch raises for a call on tensors with data, or `error` if that is the same.

    An exception of the user's own code (a custom operation, a subclass of a tensor) stays as it is.

    Args:
        call: The call that failed, with its arguments on tensors without data.
        error: What it raised.
    """
    if isinstance(error, NEEDS_DATA) or not _is_of_torch(error) or not _has_plain_tensors(call):
        return error
    elements = sum(prod(tensor.shape) for tensor in call.tensors)
    if elements > MAX_EXPANDED:
        return error
    zeros = _zeros if elements <= MAX_ZEROS else _expanded_zero
    try:
        with DisableTorchDispatch(), DisableTorchFunction(), torch.no_grad():
            args, kwargs = map_tensors((call.args, call.kwargs), zeros)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they came with the first call
                call.func(*args, **kwargs)
    except (RuntimeError, IndexError, TypeError, ValueError) as native:
        native.__traceback__ = None
        return native if str(native) != str(error) or type(native) is not type(error) else error
    except Exception:
        return error
    return error


def _is_of_torch(error: Exception) -> bool:
    """Whether no code but PyTorch's and the tracer's was running."""
    frames = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
    return all(file.startswith((TORCH, OWN)) for file in frames)


def _has_plain_tensors(call: TorchCall) -> bool:
    return (
        all(tensor.layout is torch.strided and not tensor.is_quantized for tensor in call.tensors)
        and len({tensor.device.type for tensor in call.tensors}) <= 1
    )


def _zeros(tensor: Tensor) -> Tensor:
    zeros = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype)
    return zeros.zero_()


def _expanded_zero(tensor: Tensor) -> Tensor:
    return torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)


@contextmanager
def fake_tensor_log_disabled() -> Iterator[None]:
    """Keep torch from logging each failure on tensors without data: the exception is enough."""
    logger = logging.getLogger(FAKE_TENSOR_LOGGER)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
