"""A recording as a `torch.fx.GraphModule` that runs again, and the proof that it is the model.

With the same weights and the same inputs, the graph computes what the model computes, bit for bit.
"""

from __future__ import annotations

from torch import fx

from tracer.from_torch.capture import Recording


def to_graph_module(recording: Recording) -> fx.GraphModule:
    """The recorded graph, called as the model is called. It shares the model's parameters."""
    writer = recording.recorder.writer
    return fx.GraphModule(writer.attributes, writer.graph, type(recording.model).__name__)
