"""Draws a picture with the Graphviz libraries that come inside the pygraphviz wheel.

Run as a program of its own, with the format as its argument: DOT comes in, the picture goes out. An
error in those libraries may end the process, and then it is this one that ends.
"""

from __future__ import annotations

import sys

import pygraphviz


def drawn(source: str, form: str) -> bytes:
    """The picture of a graph, laid out by the engine that its `layout` attribute names."""
    graph = pygraphviz.AGraph(string=source)
    picture = graph.draw(format=form, prog=graph.graph_attr["layout"] or "dot")
    if not isinstance(picture, bytes):
        raise TypeError(f"Graphviz put out no {form}")
    if form == "pdf" and b"/Font" not in picture:
        raise RuntimeError("this machine has no fonts to write with; install one, or ask for svg")
    return picture


if __name__ == "__main__":
    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read().decode(), sys.argv[1]))
