"""The page of the zoo, from its record: a table for each package, in English or Korean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from string import Template

from tests.zoo.record import Row
from tracer.analysis.size_rules import SizeRules
from tracer.site.pages.views.size_rules_page import rule_rows
from tracer.site.pages.words import EN, KO, Words
from tracer.snapshot.rule_text import parse_rule

COLUMNS = {
    "en": ["model", "for", "parameters", "operations", "FLOPs", "skips", "sizes", "same bits"],
    "ko": ["모델", "용도", "파라미터", "연산", "FLOPs", "스킵", "크기", "비트 일치"],
}
PROOF = {
    "en": {True: "yes", False: "**no**", None: "*without numbers*"},
    "ko": {True: "예", False: "**아니요**", None: "*값 없이*"},
}
FIXED = {
    "en": """## Sizes without formulas {#fixed}

In all other models, every size of every tensor is a formula of the input sizes. These models were
made for one size, or run other operations at other sizes. `unet-trace show --symbolic` says so:
""",
    "ko": """## 식이 없는 크기 {#fixed}

다른 모델에서는 텐서의 모든 크기를 입력 크기의 식으로 적습니다. 아래 모델은 한 가지 크기에만 맞추어
만들어졌거나 크기에 따라 다른 연산을 실행합니다. 이때 `unet-trace show --symbolic`은 다음과 같이
알려 줍니다.
""",
}
WORDS = {"en": EN, "ko": KO}
KINDS = {
    "audio": "오디오",
    "audio with features": "특징 조건 오디오",
    "autoencoder": "오토인코더",
    "diffusion": "확산",
    "diffusion with a map": "지도 조건 확산",
    "diffusion with context": "문맥 조건 확산",
    "diffusion with text": "텍스트 조건 확산",
    "fields": "물리장",
    "image to image": "이미지 변환",
    "images": "이미지",
    "images with a condition": "조건부 이미지",
    "poses": "자세 추정",
    "reconstruction": "복원",
    "registration": "정합",
    "segmentation": "분할",
    "tokens": "토큰",
    "trajectories": "궤적",
    "video": "비디오",
}
"""What a model is for, in Korean; its dimensions stand behind it after a comma."""

DIMENSIONS = {
    "1-D": "1차원",
    "2-D": "2차원",
    "3-D": "3차원",
    "1-D and 2-D": "1·2차원",
    "tokens": "토큰",
}
UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def page(rows: Iterable[Row], language: str, torch: str) -> str:
    """The whole page as Markdown. `torch` is the version that the record was made with."""
    ordered = sorted(rows, key=lambda one: (one.package, one.name))
    tables = [_table(list(group), language) for _, group in groupby(ordered, _heading)]
    introduction = Path(__file__).with_name(f"introduction.{language}.md").read_text("utf-8")
    counts = {"models": len(ordered), "packages": len(tables), "torch": torch}
    fixed = [FIXED[language], *_fixed(ordered)] if any(one.fixed for one in ordered) else []
    return "\n".join([Template(introduction).substitute(counts), *tables, *fixed])


def _heading(one: Row) -> str:
    return f"## {one.package} {one.version} {{#{one.package}}}"


def _table(rows: list[Row], language: str) -> str:
    columns = COLUMNS[language]
    rule = ["---"] * 2 + ["--:"] * 3 + ["---"] * 3
    lines = [columns, rule, *(_cells(one, language) for one in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{_heading(rows[0])}\n\n{table}\n"


def _cells(one: Row, language: str) -> list[str]:
    return [
        f"`{one.model}`<br>{_name(one)}",
        kind(one.kind, language),
        *(f"{number:,}" for number in (one.parameters, one.operations)),
        short(one.flops),
        _counts(one.skips),
        "<br>".join(_law(one, WORDS[language])),
        PROOF[language][one.proven],
    ]


def _name(one: Row) -> str:
    return one.name.replace("_", " ")


def _counts(skips: dict[str, int]) -> str:
    return " + ".join(f"{count} {join}" for join, count in skips.items()) or "0"


def _law(one: Row, words: Words) -> Iterator[str]:
    """What the sizes of a model have to be, those that may be anything last."""
    rules = [parse_rule(*item) for item in one.sizes.items()]
    law = SizeRules(one.model, {}, tuple(rule for rule in rules if rule is not None))
    return (f"{row.names}: {row.text}" for row in rule_rows(law, words))


def _fixed(rows: Iterable[Row]) -> Iterator[str]:
    """What the tracer says of the sizes for which it has no formulas."""
    for one in rows:
        for note in one.fixed.values():
            yield f"- {one.package}, {_name(one)}: {note}"


def kind(said: str, language: str) -> str:
    """What a model is for, in a language."""
    if language == "en":
        return said
    purpose, _, dimensions = said.partition(", ")
    return KINDS[purpose] + (f", {DIMENSIONS[dimensions]}" if dimensions else "")


def short(number: int) -> str:
    """A number of FLOPs to three digits: ``803 G``."""
    for size, unit in UNITS:
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)
