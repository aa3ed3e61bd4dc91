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
    steps="operations",
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
        "One row per tensor, in push order, with its place in the list. Bytes held are those right "
        "after the push. Operations are numbered as they ran: those of the push and of the join."
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
    projector="Projector",
    previous_note="Previous note",
    next_note="Next note",
    end="End",
    shown_trace="The shapes are those of {trace}, traced with torch {torch}.",
    calls="same in all {calls} runs",
    several_shapes="{calls} runs, {rows} different shapes",
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
    traceback_says="The last lines of the traceback, without those inside PyTorch:",
    nothing_fails="Nothing fails, and every shape is the same.",
    tracer_adds="What unet-trace adds to it:",
    outputs_differ=(
        "With the same random weights and the same input, {differ} of the {count} numbers of the "
        "output ({shape}) are different, by up to {most}. The standard deviation of the output is "
        "{spread}."
    ),
    stack_at_failure="The stack at the moment of the failure, one row per tensor that was pushed.",
    sinusoids_title=(
        "Heat map of the timestep embedding: timesteps 0 to {last} from top to bottom, the "
        "{dimension} numbers of each from left to right. The first columns change with every "
        "timestep, the last of each half hardly at all."
    ),
    sinusoids_caption=(
        "One row per timestep, one column per number: the sines, then the cosines, {dimension} in "
        "all. The frequency falls from left to right in each half. The columns at the left tell "
        "neighboring timesteps apart, those at the right early ones from late ones."
    ),
    pads_title=(
        "An image of {size} by {size} pixels with both pads. With zeros at the right and the "
        "bottom the kernel starts at pixels {one}; with zeros on all sides it starts at {two}."
    ),
    pads_caption=(
        "The frames are the first and the last position of the 3×3 kernel, the dots its centers. "
        "Both pads halve an even size. With <code>padding=1</code> every position is one pixel "
        "further up and to the left."
    ),
    copies_title=(
        "An image of {side} by {side} pixels, and the one of {doubled} by {doubled} that it "
        "becomes: each pixel is copied to two by two."
    ),
    copies_caption=(
        '<code>mode="nearest"</code> copies each pixel four times and computes nothing. The 3×3 '
        "convolution afterwards smooths the steps."
    ),
    attention_title=(
        "Q, {pixels} by {channels}, times K transposed, {channels} by {pixels}, gives scores of "
        "{pixels} by {pixels}; their softmax times V, {pixels} by {channels}, gives {pixels} by "
        "{channels}."
    ),
    attention_caption=(
        "The sizes are those of <code>{call}</code>: {height}×{width} = {pixels} pixels, and "
        "{channels} channels. Each pixel is a row; the marked one has a score for each of the "
        "{pixels} pixels, so there are {scores} scores per image. The softmax makes each row add "
        "up to 1. The code holds V and the result transposed, {channels} rows of {pixels}."
    ),
    answer="Answer",
    our_name="here",
    names_paired=(
        "<code>tracer.diff</code> paired {paired} layers of the {ours} here and the {theirs} "
        "in <code>{model}</code> of {package} {version}, by what feeds each of them. Both "
        "models have {parameters} parameters."
    ),
    names_caption="The names that differ in their numbers only are one row.",
    setting="setting",
    skip_count="skip connections",
    most_held="most bytes on {names}",
    source="source",
    configurations_caption=(
        "Above, the arguments of each configuration; below, what its trace says, for one image "
        "(B = 1) of that resolution in float32. A multiply-add counts as two FLOPs."
    ),
    graphs_counted=(
        "Of the preset <code>tiny</code>, <code>symbolic_trace</code> makes a graph of {nodes} "
        "nodes, and a trace has {operations} operations (torch {torch})."
    ),
    graphs_caption=(
        "One ResnetBlock, node by node. The nodes of tracer.graph that only read a weight are "
        "left out."
    ),
    traced_as="No error, but the branch for a dict was taken, whatever the input is:",
    still_on_list="still on the list",
    channels_in="channels in (h + skip)",
    channels_out="channels out",
    followed_by="followed by",
    lists_caption="What the loops build, one row per turn.",
)
