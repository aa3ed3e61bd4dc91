"""Skip connections, found in the data flow of a trace alone.

A skip is an operand of a join (cat, add, mul, stack) that another operand of the same join was
computed from, by way of at least one other block. No list is looked for, so it works on any model.

What is added, multiplied or stacked is a skip only if *every* way from it to the other operand
leads through a lower resolution; any other addition is a residual connection, and any other product
a gate. What was done to a value on its way to the join is looked through, back to the join before:
a crop, a pad or a scale as it is; weights, a gate or a residual block only if the other operand
came through a lower resolution, or two branches of one block would be skips of each other. The main
path is never a skip: where every operand could be one, the likeliest are.

`resolution` finds the number of places of each value, `joined` what is joined, `candidates` what
that was made from, `reach` what each value was computed from, `find` decides, `ends` names blocks.
"""

from __future__ import annotations

from tracer.analysis.skips.find import skips as skips
from tracer.analysis.skips.skip_link import Join as Join
from tracer.analysis.skips.skip_link import SkipLink as SkipLink
