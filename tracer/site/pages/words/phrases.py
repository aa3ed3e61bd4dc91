"""Which phrases there are.

There is one field per phrase, so that mypy finds a phrase that lacks a language. What stands in
braces is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracer.render.tables.cost_growth import GrowthPhrases
from tracer.render.tables.rule_phrases import RulePhrases
from tracer.render.tables.skip_stack_summary import SkipStackPhrases


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

    # the law of sizes
    size: str
    rule: str
    worked: str
    failed: str
    law_caption: str
    fails_at: str
    the_skip: str
    joined_before: str
    joined_at: str
    read_at: str
    meet: str
    rounded_in: str
    rounded_at: str
    reasons_caption: str
    fails_elsewhere: str
    other_path: str
    rounded: str
    own_code: str
    size_before_and_after: str
    line: str
    error: str
    rule_phrases: RulePhrases

    # the costs
    operation: str
    times: str
    flops: str
    bytes_written: str
    share: str
    whole: str
    costs_caption: str
    not_counted: str
    growth: GrowthPhrases
    growth_caption: str
    growth_blocks_caption: str
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
    map_depth: str
    map_as_table: str
    skip_the_map: str
    encoder: str
    middle: str
    decoder: str
    skip_from: str
    skip_to: str
    drawn_skip: str
    feeds: str
    feeds_many: str
    legend: str
    legend_attention: str
    legend_resample: str
    legend_convolution: str
    legend_plain: str
    legend_skip: str

    # the stack
    observed: str
    stack_caption: str
    skip_stack: SkipStackPhrases
    the_model: str
    not_popped: str
    not_a_skip: str
    replaced: str
    join_failed: str
    not_reached: str
    on_no_list: str
    made_at: str
    list_name: str
    join: str

    # the walkthrough
    projector: str
    previous_note: str
    next_note: str
    end: str
    shown_trace: str
    calls: str
    several_shapes: str
    at_build: str
    line_number: str
    not_run: str
    returned: str
    push: str
    pop: str
    operations_of: str
    operations_once: str
    upstream_lines: str
    iteration: str

    # what breaks
    traceback_says: str
    nothing_fails: str
    tracer_adds: str
    outputs_differ: str
    stack_at_failure: str
    still_on_list: str

    # the drawings
    sinusoids_title: str
    sinusoids_caption: str
    pads_title: str
    pads_caption: str
    copies_title: str
    copies_caption: str
    attention_title: str
    attention_caption: str

    # the exercises
    answer: str

    # the names in another package
    our_name: str
    names_paired: str
    names_caption: str

    # published configurations
    setting: str
    skip_count: str
    most_held: str
    source: str
    configurations_caption: str

    # torch.fx
    graphs_counted: str
    graphs_caption: str
    traced_as: str

    # the loops of a constructor
    channels_in: str
    channels_out: str
    followed_by: str
    lists_caption: str
