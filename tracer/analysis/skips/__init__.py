"""Skip connections, found in the data flow of a trace and in the containers of the model.

Where two tensors are joined (cat, add, mul, stack), one is a skip if the other was computed from it
through at least one more block. No list is needed for that, so it works on any model.

What is added, multiplied or stacked is a skip only if *every* path from it to the other operand
leads through a lower resolution; any other addition is a residual connection, and any other product
a gate. A mean that is broadcast again, or a pooled key that a query reads, is no lower resolution
(`axis_statistics`). The search looks through what was done to a value before the join, back to the
join before: a crop, a pad or a scale always; weights, a gate or a residual block only if the other
operand came through a lower resolution, or two branches of one block would be skips of each other.
The main path is never a skip: where every operand could be one, the least likely is taken for it.

Two kinds of skips have no operand that was computed from them (`indirect_skips`): encoder maps that
were fused across scales, and what the model itself put into a container on one line and took out on
a later one to join it (`container_evidence`).

`resolution` finds the number of positions of each value, `join_operands` what each join joins,
`candidates` what those were made from, `reachability` what each value was computed from. `find`
decides, `exclusions` drops what only looks like a skip, `producer_blocks` and `endpoints` name the
blocks.
"""

from __future__ import annotations

from tracer.analysis.skips.find import skips as skips
from tracer.analysis.skips.skip_link import SkipLink as SkipLink
