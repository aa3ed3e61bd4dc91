"""Shapes as comments in the source of a model: found in a trace, written, and checked."""
