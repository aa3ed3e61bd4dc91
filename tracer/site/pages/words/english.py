"""The phrases in English."""

from __future__ import annotations

from tracer.render.tables.cost_growth import GrowthPhrases
from tracer.render.tables.rule_phrases import RULE_PHRASES
from tracer.render.tables.skip_stack_summary import SkipStackPhrases
from tracer.site.pages.words.phrases import Words

EN = Words(
    block="block",
    kind="class",
    taken="input",
    made="output",
    parameters="parameters",
    resolution="resolution",
    part="part",
    skip="skip",
    shape="shape",
    call="call",
    model="model",
    blocks="blocks",
    operations="operations",
    input="input",
    output="output",
    pushed_at="pushed at",
    popped_at="popped at",
    pushed_by="from",
    popped_by="to",
    depth="depth",
    held="bytes held",
    steps="steps",
    function="function",
    code="code",
    file="file",
    notes="notes",
    upstream="upstream",
    versions="The traces on this site were made with torch {torch}.",
    law="sizes that work",
    sizes_are="Sizes",
    numbers="numbers",
    formulas="formulas",
    run_at="numbers are for {sizes}",
    size="size",
    rule="must be",
    worked="worked at",
    failed="failed at",
    law_caption=(
        "These rules were found by running the model on tensors without data, at sizes that a "
        "rule allows and at sizes that it forbids."
    ),
    fails_at="fails at",
    the_skip="the skip",
    joined_before="block after the join",
    joined_at="joined at",
    read_at="taken at",
    meet="mismatch",
    rounded_in="rounded in",
    rounded_at="rounded at",
    reasons_caption="Where the rules come from: one failure per row.",
    fails_elsewhere="Failures outside the skips, one per row.",
    other_path="{size} works but takes another code path: {told}",
    rounded="{size} works but is rounded: {told}",
    own_code="the model's own code",
    size_before_and_after="before → after",
    line="line",
    error="error",
    rule_phrases=RULE_PHRASES["en"],
    operation="operation",
    times="count",
    flops="FLOPs",
    bytes_written="bytes written",
    share="% FLOPs",
    whole="total",
    costs_caption=(
        "The cost of one forward pass, by kind of operation. A multiply-add counts as two FLOPs. "
        "The FLOPs of normalization, activations and additions (?) are not counted; the bytes "
        "that they write are. Percentages are for {sizes}."
    ),
    not_counted="not counted",
    growth=GrowthPhrases(),
    growth_caption="How the percentages change with the image size.",
    growth_blocks_caption="The blocks whose FLOPs grow faster than the image.",
    share_of="% {operation}",
    shapes_caption="Every block call of {model}, in call order.",
    counted=(
        "Parameters in parentheses belong to a module that was called before; they are counted in "
        "the earlier row."
    ),
    download_table="Download this table as CSV",
    download_trace="Download the whole trace as JSON",
    on_map="Show on the map",
    to_code="Show its code",
    map_caption=(
        "Data flows down the left column, across the bottom and up the right column. Point at a "
        "block, or move to it with the Tab key, to highlight the other end of its skip "
        "connection. Click a block to open its row in the table of shapes."
    ),
    map_described=(
        "{model}: {blocks} blocks at {levels} resolutions, with {skips} skip connections."
    ),
    map_depth=(
        "To stay readable, the diagram expands blocks to depth {depth} only; the table of shapes "
        "lists all of them."
    ),
    map_as_table="Show as a table",
    skip_the_map="Skip the diagram",
    encoder="way down",
    middle="middle",
    decoder="way up",
    skip_from="from {block}",
    skip_to="to {block}",
    drawn_skip="skip {number}",
    feeds="to {block}",
    feeds_many="to {blocks} blocks",
    legend="Meaning of the outlines",
    legend_attention="attention",
    legend_resample="changes the resolution",
    legend_convolution="has convolutions",
    legend_plain="any other block",
    legend_skip="skip connection",
    observed="Observed on the list {names}.",
    stack_caption=(
        "One row per tensor, in push order. Depth and bytes are those right after the push."
    ),
    skip_stack=SkipStackPhrases(),
    the_model="the model itself",
    not_popped="left over",
    not_a_skip="no skip",
    replaced="replaced",
    join_failed="join failed",
    not_reached="not reached",
    on_no_list="no list",
    made_at="made at",
    list_name="list",
    join="join",
    shown_trace="The shapes are those of {trace}, traced with torch {torch}.",
    calls="same in all {calls} executions",
    several_shapes="{calls} executions, {rows} results",
    at_build="This runs when a model is built, not in a forward pass, so no shapes are recorded:",
    line_number="line {number}",
    not_run="Not all of this ran in this trace.",
    returned="returned",
    push="push on {name}",
    pop="pop from {name}",
    operations_of="Operations in {call}",
    operations_once="Operations",
    upstream_lines="upstream {lines}",
    iteration="iteration {number}",
)
