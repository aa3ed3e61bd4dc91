"""The words that generated parts of pages are made of, in each language.

One field a phrase: a phrase that lacks a language is an error of types. Braces take what the phrase
speaks of.
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


EN = Words(
    block="block",
    kind="class",
    taken="in",
    made="out",
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
    sum="h + skip = cat",
    steps="operations",
    function="function",
    code="code",
    file="file",
    notes="notes",
    upstream="upstream",
    versions="The traces on this site were made with torch {torch}.",
    shapes_caption="Every block call of {model}, in the order of the calls.",
    counted="In brackets: a module that was called before; its parameters are counted there.",
    download_table="This table as CSV",
    download_trace="The whole trace as JSON",
    on_map="On the map",
    to_code="To its code",
    map_caption=(
        "Down the left, across the bottom, up the right. Point at a block, or reach it with the "
        "Tab key, and its skip partner lights up; follow it to its row in the table of shapes."
    ),
    map_described="{model}: {blocks} blocks at {levels} resolutions, joined by {skips} skips.",
    map_as_table="The same as a table",
    skip_the_map="Go past the diagram",
    encoder="way down",
    middle="middle",
    decoder="way up",
    skip_from="from {block}",
    skip_to="to {block}",
    legend="What the outlines mean",
    legend_attention="attention",
    legend_resample="changes the resolution",
    legend_convolution="has convolutions",
    legend_plain="any other block",
    legend_skip="a skip",
    observed="Seen on the list",
    data_flow="Found in the data flow",
    stack_caption=(
        "One row a tensor, in the order of the pushes. Depth and bytes are those after the push."
    ),
    pushes="Pushes: {pushes}. Pops: {pops}.",
    lifo="Last in, first out.",
    not_lifo="Not last in, first out.",
    agree=(
        "Both witnesses agree: the {skips} skips that the data flow shows are the {skips} tensors "
        "that were pushed and popped, between the same blocks."
    ),
    disagree="The two witnesses do not agree:",
    unjoined="popped, but joined by nothing in the data flow: {names}.",
    unseen="a skip in the data flow, but on no list: {names}.",
    nothing_left="Nothing is left over.",
    left_over="Left over: {names}.",
    peak="At most {held} wait at once, after push {number}.",
    nobody="the model itself",
    line_by_line="Line by line",
    shown_trace="The shapes are those of {trace}, traced with torch {torch}.",
    calls="each of {calls} times",
    several_shapes="{calls} times, {rows} different",
    not_run="In this trace the line did not run, or no tensor was new after it.",
    returned="returned",
    push="push on {name}",
    pop="pop from {name}",
    operations_of="Operations, in {call}",
    operations_once="Operations",
    upstream_lines="upstream {lines}",
    iteration="round {number}",
    this_note="Link to this note",
)

KO = Words(
    block="블록",
    kind="클래스",
    taken="입력",
    made="출력",
    parameters="파라미터",
    resolution="해상도",
    part="위치",
    skip="스킵 연결",
    shape="형상",
    call="호출",
    model="모델",
    blocks="블록 수",
    operations="연산 수",
    input="입력",
    output="출력",
    pushed_at="push한 줄",
    popped_at="pop한 줄",
    pushed_by="보내는 블록",
    popped_by="받는 블록",
    depth="깊이",
    held="보관 중인 바이트",
    sum="h + skip = cat",
    steps="연산 번호",
    function="함수",
    code="코드",
    file="파일",
    notes="설명",
    upstream="원본",
    versions="이 사이트의 추적 기록은 torch {torch}로 만들었습니다.",
    shapes_caption="{model}의 모든 블록 호출을 호출된 순서대로 적었습니다.",
    counted="괄호 안의 수는 앞에서 이미 호출된 모듈의 파라미터로, 앞의 행에서 세었습니다.",
    download_table="이 표를 CSV로 받기",
    download_trace="추적 기록 전체를 JSON으로 받기",
    on_map="지도에서 보기",
    to_code="코드 보기",
    map_caption=(
        "왼쪽으로 내려가 아래를 지나 오른쪽으로 올라옵니다. 블록에 마우스를 올리거나 Tab 키로 "
        "이동하면 스킵 연결의 짝이 함께 강조되고, 블록을 누르면 형상 표의 해당 행으로 이동합니다."
    ),
    map_described=(
        "{model}: 해상도 {levels}단계에 블록 {blocks}개가 있고, 스킵 연결은 {skips}개입니다."
    ),
    map_as_table="같은 내용을 표로 보기",
    skip_the_map="그림 건너뛰기",
    encoder="내려가는 경로",
    middle="중간 블록",
    decoder="올라가는 경로",
    skip_from="{block}에서",
    skip_to="{block}(으)로",
    legend="도형의 의미",
    legend_attention="어텐션",
    legend_resample="해상도를 바꾸는 블록",
    legend_convolution="합성곱이 있는 블록",
    legend_plain="그 밖의 블록",
    legend_skip="스킵 연결",
    observed="리스트에서 관찰한 것",
    data_flow="데이터 흐름에서 찾은 것",
    stack_caption=(
        "텐서 하나가 한 행이며, push한 순서입니다. 깊이와 바이트는 push한 직후의 값입니다."
    ),
    pushes="push {pushes}회, pop {pops}회입니다.",
    lifo="후입선출(LIFO) 순서가 지켜집니다.",
    not_lifo="후입선출(LIFO) 순서가 아닙니다.",
    agree=(
        "두 증거가 일치합니다. 데이터 흐름에서 찾은 스킵 연결 {skips}개가 리스트에 push되었다가 "
        "pop된 텐서 {skips}개와 같으며, 잇는 블록도 같습니다."
    ),
    disagree="두 증거가 일치하지 않습니다.",
    unjoined="pop되었지만 데이터 흐름에서는 결합되지 않은 텐서가 있습니다: {names}.",
    unseen="데이터 흐름에는 있지만 어느 리스트에도 없던 스킵 연결이 있습니다: {names}.",
    nothing_left="리스트에 남은 텐서는 없습니다.",
    left_over="리스트에 남은 텐서가 있습니다: {names}.",
    peak="동시에 보관되는 양은 {number}번째 push 직후에 가장 많으며, {held}입니다.",
    nobody="모델 자신",
    line_by_line="한 줄씩 읽기",
    shown_trace="형상은 torch {torch}에서 {trace} 모델을 추적한 값입니다.",
    calls="{calls}회 모두",
    several_shapes="{calls}회 중 서로 다른 것 {rows}가지",
    not_run="이 추적에서는 실행되지 않았거나, 실행된 뒤 새로 생긴 텐서가 없는 줄입니다.",
    returned="반환값",
    push="{name}에 push",
    pop="{name}에서 pop",
    operations_of="실행된 연산({call})",
    operations_once="실행된 연산",
    upstream_lines="원본 {lines}",
    iteration="{number}번째 반복",
    this_note="이 설명의 링크",
)

WORDS = {"en": EN, "ko": KO}
