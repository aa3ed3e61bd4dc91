"""Modules that are imported during a run, and take over what is replaced meanwhile.

A module that keeps `nn.Module.__call__` under a name of its own, as PyTorch's compiler does, would
keep the function that records calls.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tracer.from_torch.capture.pytree import instance_dict


@contextmanager
def originals_in_late_imports(originals: Mapping[Any, Any]) -> Iterator[None]:
    """Give modules that are imported inside the `with` block the originals afterwards.

    Args:
        originals: What was replaced, by the functions that replace it.
    """
    before = set(sys.modules)
    try:
        yield
    finally:
        if len(sys.modules) != len(before):
            by_id = {id(replacement): original for replacement, original in originals.items()}
            for name in sys.modules.keys() - before:
                namespace = instance_dict(sys.modules[name]) or {}
                for key, item in list(namespace.items()):
                    if id(item) in by_id:
                        namespace[key] = by_id[id(item)]
