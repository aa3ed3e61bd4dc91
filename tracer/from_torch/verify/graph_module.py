"""A recording as a `torch.fx.GraphModule` that runs again, and the proof that it is the model.

With the same weights and the same inputs, the graph computes what the model computes, bit for bit.
"""

from __future__ import annotations

from torch import fx

from tracer.from_torch.capture.graph_builder import GraphBuilder
from tracer.from_torch.capture.recording import Recording


def to_graph_module(recording: Recording) -> fx.GraphModule:
    """The graph of a recording with one, called as the model is called, and on its parameters."""
    writer = recording.recorder.writer
    assert isinstance(writer, GraphBuilder)
    return fx.GraphModule(writer.attributes, writer.graph, type(recording.model).__name__)
