"""The traces that the site shows, made by running the models now. Only here is torch needed."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from tracer.record import Trace
from tracer.site.plan import Traced


def make_trace(traced: Traced) -> Trace:
    """Run the model of the plan and return its trace."""
    from tracer.from_torch.api import trace  # noqa: PLC0415 - torch takes seconds to import
    presets: dict[str, Any] = {}
    for e in entry_points(group="unet_trace.presets"):
        presets |= e.load()
    target, kw = traced.target, dict(traced.set)
    if target in presets:
        kw = presets[target].config.keywords() | kw
        target = presets[target].target
    m, _, n = target.partition(":")
    model, inputs = getattr(import_module(m), n)(**kw)
    return trace(model, inputs, target=traced.target)
