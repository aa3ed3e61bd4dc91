"""The phrases in Korean."""

from __future__ import annotations

from tracer.render.tables.cost_growth import GrowthPhrases
from tracer.render.tables.rule_phrases import RULE_PHRASES
from tracer.render.tables.skip_stack_summary import SkipStackPhrases
from tracer.render.words.table_words import KOREAN
from tracer.site.pages.words.phrases import Words

TITLES, CELLS = KOREAN.titles, KOREAN.cells

KO = Words(
    block=TITLES["block"],
    kind=TITLES["class"],
    taken=TITLES["in"],
    made=TITLES["out"],
    parameters=TITLES["parameters"],
    resolution="해상도",
    part=TITLES["where"],
    skip="스킵 연결",
    shape=TITLES["shape"],
    call="호출",
    model="모델",
    blocks="블록 수",
    operations="연산 수",
    input="입력",
    output="출력",
    pushed_at=TITLES["pushed at"],
    popped_at=TITLES["popped at"],
    pushed_by=TITLES["pushed by"],
    popped_by=TITLES["popped by"],
    depth=TITLES["depth"],
    held=TITLES["bytes held"],
    steps="연산 번호",
    function="함수",
    code="코드",
    file="파일",
    notes="설명",
    upstream="원본",
    versions="이 사이트의 추적 기록은 torch {torch:으로/로} 만들었습니다.",
    law="가능한 크기",
    sizes_are="크기 표시",
    numbers="숫자",
    formulas="식",
    run_at="숫자는 {sizes} 기준",
    size="크기",
    rule="조건",
    worked="실행된 크기",
    failed="실패한 크기",
    law_caption=(
        "데이터 없는 텐서로 모델을 여러 크기에서 실행해 알아낸 규칙입니다. 규칙이 허용하는 크기와 "
        "금지하는 크기를 모두 실행해 확인했습니다."
    ),
    fails_at=TITLES["fails at"],
    the_skip=TITLES["skip"],
    joined_before=TITLES["joined before"],
    joined_at=TITLES["joined at"],
    read_at=TITLES["read at"],
    meet=TITLES["sizes"],
    rounded_in=TITLES["rounded in"],
    rounded_at=TITLES["rounded at"],
    reasons_caption="규칙의 근거가 되는 실패를 한 행에 하나씩 적었습니다.",
    fails_elsewhere="스킵과 무관한 실패를 한 행에 하나씩 적었습니다.",
    other_path="{size}에서도 실행되지만 코드의 다른 경로를 지납니다: {told}",
    rounded="{size}에서도 실행되지만 크기가 반올림됩니다: {told}",
    own_code="모델의 코드",
    size_before_and_after=TITLES["change"],
    line="줄",
    error="오류",
    rule_phrases=RULE_PHRASES["ko"],
    operation=TITLES["operation"],
    times=TITLES["times"],
    flops="FLOPs",
    bytes_written=TITLES["bytes written"],
    share=TITLES["% FLOPs"],
    whole="전체",
    costs_caption=(
        "forward 한 번의 비용을 연산 종류별로 적었습니다. 곱셈-덧셈 한 번이 2 FLOPs입니다. 정규화, "
        "활성화 함수, 덧셈의 FLOPs(?)는 세지 않지만, 이들이 쓰는 바이트는 셉니다. 비율은 {sizes}일 "
        "때의 값입니다."
    ),
    not_counted=TITLES["not counted"],
    growth=GrowthPhrases(
        attention=(
            "어텐션은 {powers}에 비례해 늘어납니다. {operations} 연산의 FLOPs가 {flops}입니다."
        ),
        other=(
            "FLOPs의 일부는 {powers}에 비례해 늘어납니다. {operations} 연산의 FLOPs가 "
            "{flops}입니다."
        ),
        share="{sizes}일 때 전체 FLOPs의 {share}%를 차지합니다.",
        crossover="{sizes}부터는 {baseline}보다 많아집니다.",
    ),
    growth_caption="이미지 크기에 따라 비율이 어떻게 달라지는지 보여 줍니다.",
    growth_blocks_caption="FLOPs가 이미지보다 빠르게 늘어나는 블록입니다.",
    share_of="{operation} 비율(%)",
    shapes_caption="{model}의 모든 블록 호출을 호출된 순서대로 적었습니다.",
    counted="괄호 안의 수는 앞에서 이미 호출된 모듈의 파라미터이며, 앞의 행에서 세었습니다.",
    download_table="이 표를 CSV로 받기",
    download_trace="추적 기록 전체를 JSON으로 받기",
    on_map="지도에서 보기",
    to_code="코드 보기",
    map_caption=(
        "데이터는 왼쪽 열을 따라 내려가 아래를 지나 오른쪽 열로 올라옵니다. 블록에 마우스를 "
        "올리거나 Tab 키로 이동하면 스킵 연결의 반대쪽 끝이 강조되고, 블록을 누르면 형상 표의 "
        "해당 행으로 이동합니다."
    ),
    map_described=(
        "{model}: 해상도 {levels}가지에 걸쳐 블록 {blocks}개와 스킵 연결 {skips}개가 있습니다."
    ),
    map_depth=(
        "읽기 쉽도록 블록을 깊이 {depth}까지만 펼쳐 그렸습니다. 모든 블록은 형상 표에 있습니다."
    ),
    map_as_table="표로 보기",
    skip_the_map="그림 건너뛰기",
    encoder="인코더",
    middle="중간 블록",
    decoder="디코더",
    skip_from="보내는 블록: {block}",
    skip_to="받는 블록: {block}",
    drawn_skip="스킵 {number}",
    feeds="→ {block}",
    feeds_many="→ 블록 {blocks}개",
    legend="도형의 의미",
    legend_attention="어텐션",
    legend_resample="해상도를 바꾸는 블록",
    legend_convolution="합성곱이 있는 블록",
    legend_plain="그 밖의 블록",
    legend_skip="스킵 연결",
    observed="{names} 리스트에서 관찰했습니다.",
    stack_caption=(
        "텐서 하나를 한 행으로, push한 순서대로 적었습니다. 대괄호 안은 리스트에서의 위치이고, "
        "바이트는 push한 직후의 값입니다. 연산 번호는 실행된 순서대로 매겼으며, push와 병합의 "
        "번호입니다."
    ),
    skip_stack=SkipStackPhrases(
        counts="{lists}: 텐서를 {pushes}개 넣고 {pops}개 꺼냈습니다.",
        counts_of_failed=(
            "{lists}: 실행이 실패하기 전까지 텐서를 {pushes}개 넣고 {pops}개 꺼냈습니다."
        ),
        replacements="다른 텐서로 교체된 텐서가 {count}개 있습니다.",
        in_data_flow="데이터 흐름에서 찾은 스킵 연결은 {skips}개입니다.",
        lifo="후입선출(LIFO) 순서가 지켜집니다.",
        not_lifo="후입선출(LIFO) 순서가 아닙니다.",
        nothing_left="리스트에 남은 텐서는 없습니다.",
        left_over="리스트에 남은 텐서가 있습니다: {names}.",
        still_on_list="리스트에 아직 있는 텐서입니다: {names}.",
        peak="동시에 보관되는 양은 {name}까지 넣었을 때 가장 많으며, {held}입니다.",
        dense="두 번 이상 병합되는 텐서가 있습니다: {names}.",
        agree="데이터 흐름과 일치합니다. 스킵 연결 {skips}개가 잇는 블록도 같습니다.",
        agree_except="스킵 연결 {skips}개 중 {agreeing}개가 데이터 흐름과 일치합니다.",
        no_list="텐서를 담은 리스트는 관찰되지 않았습니다.",
        no_skip="리스트의 텐서 가운데 데이터 흐름으로 보아 스킵 연결인 것은 없습니다.",
        list_alone="리스트로는 확인되지만 데이터 흐름만으로는 알 수 없는 스킵 연결입니다: {names}.",
        differs=(
            "{name}: 리스트에 있는 텐서는 {observed}의 출력이지만, 데이터 흐름이 가리키는 출발 "
            "블록은 {derived}입니다."
        ),
        unjoined="꺼냈지만 스킵 연결이 아닌 텐서가 있습니다: {names}.",
        unseen="데이터 흐름에는 있지만 어느 리스트에도 없던 스킵 연결이 있습니다: {names}.",
        changed="스택에 있는 동안 제자리에서 바뀐 텐서가 있습니다: {names}.",
        read="리스트에서 읽기만 하고 꺼내지 않은 텐서가 있습니다: {names}.",
        failed_join="{place}에서 {op} 병합이 실패했습니다: {names}.",
        failed_outside="이 텐서들의 병합과 관계없는 {place}에서 실행이 실패했습니다.",
        unknown_line="알 수 없는 줄",
        model_input="입력",
        the_model=CELLS["(the model)"],
        other_list="{function}의 {name} 리스트({pushes}번 넣음)는 세지 않았습니다.",
        none="스킵 연결을 찾지 못했습니다. 리스트에도 데이터 흐름에도 없습니다.",
    ),
    the_model=CELLS["(the model)"],
    not_popped=CELLS["(left over)"],
    not_a_skip=CELLS["(no skip)"],
    replaced=CELLS["(replaced)"],
    join_failed=CELLS["(join failed)"],
    not_reached=CELLS["(not reached)"],
    on_no_list=CELLS["(no list)"],
    made_at=TITLES["made at"],
    list_name=TITLES["list"],
    join=TITLES["join"],
    projector="프로젝터",
    previous_note="이전 설명",
    next_note="다음 설명",
    end="끝내기",
    shown_trace="형상은 torch {torch}에서 {trace} 모델을 추적한 값입니다.",
    calls="{calls}회 실행 모두 같음",
    several_shapes="{calls}회 실행, 서로 다른 결과 {rows}가지",
    at_build="순전파가 아니라 모델을 만들 때 실행되므로 기록된 형상이 없습니다.",
    line_number="줄 {number}",
    not_run="이 추적에서는 실행되지 않은 줄이 있습니다.",
    returned="반환값",
    push="{name}에 push",
    pop="{name}에서 pop",
    operations_of="실행된 연산({call})",
    operations_once="실행된 연산",
    upstream_lines="원본 {lines}",
    iteration="{number}번째 반복",
    traceback_says="트레이스백의 마지막 줄들입니다. PyTorch 내부의 줄은 뺐습니다.",
    nothing_fails="오류가 나지 않고, 모든 형상이 그대로입니다.",
    tracer_adds="unet-trace가 덧붙이는 설명입니다.",
    outputs_differ=(
        "무작위로 초기화한 같은 가중치와 같은 입력으로 비교하면, 출력({shape})의 숫자 "
        "{count}개 중 {differ}개가 달라지고 차이는 최대 {most}입니다. 출력의 표준편차는 "
        "{spread}입니다."
    ),
    stack_at_failure="실패한 순간의 스택입니다. 넣은 텐서 하나가 한 행입니다.",
    sinusoids_title=(
        "타임스텝 임베딩의 히트맵입니다. 위에서 아래로 타임스텝 0부터 {last}까지, 왼쪽에서 "
        "오른쪽으로 숫자 {dimension}개입니다. 각 절반의 왼쪽 열은 타임스텝마다 바뀌고 오른쪽 "
        "열은 거의 바뀌지 않습니다."
    ),
    sinusoids_caption=(
        "타임스텝 하나가 한 행, 숫자 하나가 한 열입니다. 사인 다음에 코사인이 오며 모두 "
        "{dimension}개입니다. 각 절반에서 오른쪽으로 갈수록 주파수가 낮아집니다. 왼쪽 열은 "
        "이웃한 타임스텝을, 오른쪽 열은 이른 타임스텝과 늦은 타임스텝을 구분하게 해 줍니다."
    ),
    pads_title=(
        "{size}×{size} 이미지에 두 가지 패딩을 적용한 그림입니다. 오른쪽과 아래쪽만 0으로 "
        "채우면 커널이 {one}번 픽셀에서 시작하고, 네 변을 모두 채우면 {two}번에서 시작합니다."
    ),
    pads_caption=(
        "테두리는 3×3 커널의 첫 위치와 마지막 위치이고, 점은 커널의 중심입니다. 짝수 "
        "크기는 어느 패딩으로도 반으로 줄어듭니다. <code>padding=1</code>이면 모든 위치가 왼쪽 "
        "위로 한 픽셀씩 옮겨집니다."
    ),
    copies_title=(
        "{side}×{side} 이미지가 {doubled}×{doubled} 이미지로 커지는 그림입니다. 픽셀 하나가 2×2로 "
        "복사됩니다."
    ),
    copies_caption=(
        '<code>mode="nearest"</code>는 픽셀을 네 개로 복사할 뿐 아무것도 계산하지 않습니다. '
        "계단처럼 된 경계는 뒤따르는 3×3 합성곱이 다듬습니다."
    ),
    attention_title=(
        "{pixels}×{channels} 크기의 Q와 {channels}×{pixels} 크기의 Kᵀ를 곱하면 {pixels}×{pixels} "
        "점수가 되고, 거기에 소프트맥스를 적용해 {pixels}×{channels} 크기의 V와 곱하면 "
        "{pixels}×{channels}가 됩니다."
    ),
    attention_caption=(
        "<code>{call}</code>의 크기입니다. 픽셀은 {height}×{width} = {pixels}개이고 채널은 "
        "{channels}개입니다. 픽셀 하나가 한 행이고, 표시한 행에는 픽셀 {pixels}개 각각에 대한 "
        "점수가 있으므로 이미지 하나에 점수가 {scores}개입니다. 소프트맥스를 거치면 행마다 "
        "합이 1이 됩니다. 코드에서는 V와 결과를 전치된 모양({channels}행 {pixels}열)으로 "
        "다룹니다."
    ),
    answer="답",
    our_name="이 모델",
    names_paired=(
        "<code>tracer.diff</code>가 각 층에 무엇이 들어가는지를 따라 짝지은 층은 "
        "{paired}개입니다. 이 모델에는 {ours}개, {package} {version}의 "
        "<code>{model}</code>에는 {theirs}개가 있습니다. 파라미터는 두 모델 모두 "
        "{parameters}개입니다."
    ),
    names_caption="번호만 다른 이름은 한 행으로 묶었습니다.",
    setting="항목",
    skip_count="스킵 연결 수",
    most_held="{names}의 최대 바이트",
    source="출처",
    configurations_caption=(
        "위쪽은 각 설정의 인자이고, 아래쪽은 그 해상도의 이미지 한 장(B = 1)을 float32로 추적해 "
        "얻은 값입니다. 곱셈-덧셈 한 번이 2 FLOPs입니다."
    ),
    graphs_counted=(
        "torch {torch}에서 프리셋 <code>tiny</code>를 <code>symbolic_trace</code>로 추적하면 "
        "노드가 {nodes}개이고, 추적 결과에는 연산이 {operations}개입니다."
    ),
    graphs_caption=(
        "ResnetBlock 하나를 노드별로 나란히 놓았습니다. tracer.graph에서 가중치를 읽기만 하는 "
        "노드는 뺐습니다."
    ),
    traced_as="오류는 나지 않지만, 입력이 무엇이든 dict를 위한 분기가 선택됩니다.",
    still_on_list="아직 스택에 있음",
    channels_in="입력 채널(h + 스킵)",
    channels_out="출력 채널",
    followed_by="뒤따르는 블록",
    lists_caption="반복문이 만드는 블록입니다. 반복 한 번이 한 행입니다.",
)
