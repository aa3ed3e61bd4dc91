"""The phrases that generated parts use.

One field per phrase, so that a phrase that is missing in a language is a type error. Names in
braces are filled in by the views.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All phrases in one language."""

    # columns
    block: str
    kind: str
    taken: str
    made: str
    parameters: str
    resolution: str
    part: str
    skip: str
    shape: str
    call: str
    model: str
    blocks: str
    operations: str
    input: str
    output: str
    pushed_at: str
    popped_at: str
    pushed_by: str
    popped_by: str
    depth: str
    held: str
    sum: str
    steps: str
    function: str
    code: str
    file: str
    notes: str
    upstream: str
    versions: str
    law: str

    # numbers and formulas
    sizes_are: str
    numbers: str
    formulas: str
    run_at: str

    # the size rules
    size: str
    rule: str
    worked: str
    failed: str
    law_caption: str
    fails_at: str
    the_skip: str
    joined_before: str
    joined_at: str
    meet: str
    parted_in: str
    parted_at: str
    reasons_caption: str
    fails_elsewhere: str
    other_path: str
    rounded: str
    own_code: str
    multiples: str
    rests: str
    at_least: str
    bounds: str
    any_size: str
    only: str
    also: str
    tied: str

    # the costs
    operation: str
    times: str
    flops: str
    bytes_written: str
    share: str
    whole: str
    costs_caption: str
    attention_grows: str
    flops_grow: str
    growth_share: str
    growth_from: str
    each: str
    growth_caption: str
    share_of: str

    # the shape table
    shapes_caption: str
    counted: str
    download_table: str
    download_trace: str
    on_map: str
    to_code: str

    # the map
    map_caption: str
    map_described: str
    map_as_table: str
    skip_the_map: str
    encoder: str
    middle: str
    decoder: str
    skip_from: str
    skip_to: str
    legend: str
    legend_attention: str
    legend_resample: str
    legend_convolution: str
    legend_plain: str
    legend_skip: str

    # the stack
    observed: str
    data_flow: str
    stack_caption: str
    pushes: str
    lifo: str
    not_lifo: str
    agree: str
    disagree: str
    unjoined: str
    unseen: str
    nothing_left: str
    left_over: str
    peak: str
    nobody: str

    # the walkthrough
    line_by_line: str
    shown_trace: str
    calls: str
    several_shapes: str
    not_run: str
    returned: str
    push: str
    pop: str
    operations_of: str
    operations_once: str
    upstream_lines: str
    iteration: str
    this_note: str
