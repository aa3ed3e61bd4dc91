"""The words of the page of the benchmarks, in both languages."""

from __future__ import annotations

CAPTURE = {
    "en": ["", "ms", "× bare", "first, s"],
    "ko": ["", "ms", "기본 실행의 배수", "처음, 초"],
}
ASPECTS = {
    "en": ["operations", "outside modules", "blocks", "skips", "shapes", "lines", "FLOPs"],
    "ko": ["연산", "모듈 밖의 연산", "블록", "스킵", "형상", "줄", "FLOPs"],
}
SAYS = {
    "en": {
        "yes": "yes",
        "no": "–",
        "formulas": "formulas",
        "first tensor": "first tensor",
        "layers": "layers with parameters",
        "sums": "sums",
        "paths": "paths",
        "innermost": "innermost",
    },
    "ko": {
        "yes": "예",
        "no": "–",
        "formulas": "식",
        "first tensor": "첫 텐서만",
        "layers": "파라미터가 있는 층만",
        "sums": "합계만",
        "paths": "경로만",
        "innermost": "가장 안쪽만",
    },
}
NAMES_KO = {
    "bare forward": "기본 실행",
    "the same, nothing remembered": "lines=False, 빈 캐시",
}
NAMES_EN = {
    "bare forward": "bare forward on `meta`",
    "the same, nothing remembered": "lines=False, empty cache",
}
NAMES = {"en": NAMES_EN, "ko": NAMES_KO}
CORES = {"en": "{} cores", "ko": "코어 {}개"}
FAILS = {"en": "fails", "ko": "실패"}
TOO_LONG = {"en": "too long", "ko": "너무 김"}
MODEL = {
    "en": "{parameters} M parameters, {operations:,} operations, {blocks:,} blocks",
    "ko": "파라미터 {parameters}M개, 연산 {operations:,}개, 블록 {blocks:,}개",
}
MEMORY = {
    "en": ["", "first in the process", "after one bare forward"],
    "ko": ["", "프로세스의 첫 실행", "기본 실행을 한 번 한 뒤"],
}
GROWTH = {
    "en": ["", "ms at {first:,}", "ms at {last:,}", "exponent"],
    "ko": ["", "{first:,}개일 때 ms", "{last:,}개일 때 ms", "지수"],
}
WAITS = {"en": ["", "s"], "ko": ["", "초"]}
BUDGETS = {"en": ["", "target", "measured", "met"], "ko": ["", "기준", "측정값", "충족"]}
HELD = {"en": {True: "yes", False: "**no**"}, "ko": {True: "예", False: "**아니요**"}}
LIMITS = {
    "en": {True: "at least {}", False: "at most {}"},
    "ko": {True: "{} 이상", False: "{} 이하"},
}
BUDGET = {
    "en": {
        "plain": "{of}: trace without lines ÷ bare forward",
        "lines": "{of}: trace with lines ÷ bare forward",
        "formulas": "{of}: trace in formulas ÷ bare forward",
        "torchinfo": "{of}: torchinfo ÷ trace without lines",
        "torchview": "{of}: torchview ÷ trace without lines",
        "memory": "stable-diffusion-xl: additional memory of `{of}`, first in the process",
        "flat": "`{of}`: time per operation, 300 to 10,000 operations, largest increase",
        "power": "results made from a trace: largest exponent ({of})",
        "import rich": "`{of}` ÷ importing rich",
        "script": "`{of}` ÷ a script that runs the model once",
        "above": "`{of}`: what it takes beyond `import torch` ÷ `import torch`",
        "first": "{of}: trace ÷ bare forward, each first in a process",
        "drawing": "diagram of stable-diffusion-xl, DOT and SVG",
        "site": "site in both languages, from scratch",
        "note": "site in both languages, after one note changed",
        "served": "one language in `mkdocs serve`, after one note changed",
        "report": "{of}: report, on disk",
        "paint": "{of}: report in Chromium, first paint",
        "step": "{of}: report in Chromium, one step",
    },
    "ko": {
        "plain": "{of}: 코드 줄을 기록하지 않은 추적 ÷ 기본 실행",
        "lines": "{of}: 코드 줄까지 기록한 추적 ÷ 기본 실행",
        "formulas": "{of}: 식으로 한 추적 ÷ 기본 실행",
        "torchinfo": "{of}: torchinfo ÷ 코드 줄을 기록하지 않은 추적",
        "torchview": "{of}: torchview ÷ 코드 줄을 기록하지 않은 추적",
        "memory": "stable-diffusion-xl에서 `{of}`가 더 쓰는 메모리, 프로세스의 첫 실행",
        "flat": "`{of}`의 연산 하나당 시간, 연산 300개에서 10,000개까지 가장 크게 늘어난 비율",
        "power": "추적 기록으로 만드는 것: 가장 큰 지수({of})",
        "import rich": "`{of}` ÷ rich를 import하는 시간",
        "script": "`{of}` ÷ 모델을 한 번 실행하는 스크립트",
        "above": "`{of}`: `import torch`보다 더 걸린 시간 ÷ `import torch`",
        "first": "{of}: 추적 ÷ 기본 실행, 각각 프로세스의 첫 실행",
        "drawing": "stable-diffusion-xl의 다이어그램, DOT와 SVG",
        "site": "두 언어의 사이트를 처음부터 만들기",
        "note": "설명 하나를 고친 뒤 두 언어의 사이트를 다시 만들기",
        "served": "설명 하나를 고친 뒤 `mkdocs serve`가 한 언어를 다시 만들기",
        "report": "{of}: 보고서 파일의 크기",
        "paint": "{of}: Chromium에서 보고서가 처음 보일 때까지",
        "step": "{of}: Chromium의 보고서에서 한 단계 가기",
    },
}
WAIT = {
    "en": {
        "import rich": '`python -c "import rich.console, rich.table"`',
        "--help": "`unet-trace --help`",
        "show trace.json": "`unet-trace show trace.json`",
        "import torch": '`python -c "import torch"`',
        "script": "a script that builds ddpm-cifar10 on `meta` and runs it once",
        "show ddpm-cifar10": "`unet-trace show ddpm-cifar10`",
        "text": "diagram of stable-diffusion-xl as DOT",
        "picture": "the same as SVG, by the bundled Graphviz",
        "site": "`unet-trace site`, from scratch",
        "note": "`unet-trace site` again, after one note changed",
        "served": "one language again, as `mkdocs serve` makes it",
    },
    "ko": {
        "import rich": '`python -c "import rich.console, rich.table"`',
        "--help": "`unet-trace --help`",
        "show trace.json": "`unet-trace show trace.json`",
        "import torch": '`python -c "import torch"`',
        "script": "ddpm-cifar10을 `meta`에 만들어 한 번 실행하는 스크립트",
        "show ddpm-cifar10": "`unet-trace show ddpm-cifar10`",
        "text": "stable-diffusion-xl의 다이어그램을 DOT로",
        "picture": "함께 설치되는 Graphviz로 그린 SVG",
        "site": "처음부터 `unet-trace site`",
        "note": "설명 하나를 고친 뒤 다시 `unet-trace site`",
        "served": "`mkdocs serve`처럼 한 언어를 다시 만들기",
    },
}
MADE_KO = {
    "skips": "스킵",
    "stack": "관찰한 스택",
    "ledger": "스택 장부",
    "levels": "해상도 레벨",
    "cost, by block and operation, with the peak": "블록별, 연산별 비용과 최대 메모리",
    "cost by level": "해상도별 비용",
    "cost by operation": "연산별 비용",
    "assert_shapes": "assert_shapes",
    "lock file, written": "잠금 파일 쓰기",
    "lock file, read": "잠금 파일 읽기",
    "diff with itself": "자기 자신과 비교",
    "save (JSON)": "저장(JSON)",
    "load (JSON)": "불러오기(JSON)",
    "table of shapes": "형상 표",
    "table of shapes, folded": "접은 형상 표",
    "table of operations": "연산 표",
    "table of skips": "스킵 표",
    "table of the stack": "스택 표",
    "report of costs": "비용 보고서",
    "table as plain text": "표를 일반 텍스트로",
    "table for a terminal": "표를 터미널용으로",
    "table as Markdown": "표를 Markdown으로",
    "table as CSV": "표를 CSV로",
    "table as HTML": "표를 HTML로",
    "table as JSON": "표를 JSON으로",
    "diagram as DOT": "다이어그램을 DOT로",
    "diagram as DOT, folded": "접은 다이어그램을 DOT로",
    "diagram as SVG, by Graphviz": "다이어그램을 SVG로(Graphviz)",
}
