"""Keeps the operations alive that PyTorch drops, while TorchScript still knows their addresses.

PyTorch finds built-in functions by the ids of their objects. When a module that it imports later
defines an operation again, the first object goes, its id stays known, and a list that comes to lie
at the same address "is" that operation: then a model fails to compile, by chance.
"""

from __future__ import annotations

from typing import Any

import torch

KEPT: list[Any] = []

_refresh = torch._ops._refresh_packet


def _refresh_and_keep(packet: Any) -> None:
    KEPT.append(packet._op)
    _refresh(packet)


torch._ops._refresh_packet = _refresh_and_keep
