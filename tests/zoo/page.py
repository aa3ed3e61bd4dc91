"""The page of the zoo, from its record: a table for each package, in English or Korean."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from string import Template

from tests.zoo.record import Row

COLUMNS = {
    "en": ["model", "for", "parameters", "operations", "blocks", "skips", "FLOPs", "same bits"],
    "ko": ["모델", "용도", "파라미터", "연산", "블록", "스킵", "FLOPs", "같은 비트"],
}
PROOF = {
    "en": {True: "yes", False: "**no**", None: "*without numbers*"},
    "ko": {True: "예", False: "**아니요**", None: "*값 없이*"},
}
KINDS = {
    "audio": "오디오",
    "audio with features": "특징 조건 오디오",
    "autoencoder": "오토인코더",
    "diffusion": "디퓨전",
    "diffusion with a map": "지도 조건 디퓨전",
    "diffusion with context": "문맥 조건 디퓨전",
    "diffusion with text": "텍스트 조건 디퓨전",
    "image to image": "이미지 변환",
    "images": "이미지",
    "images with a condition": "조건부 이미지",
    "reconstruction": "복원",
    "registration": "정합",
    "segmentation": "분할",
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
    return "\n".join([Template(introduction).substitute(counts), *tables])


def _heading(one: Row) -> str:
    return f"## {one.package} {one.version} {{#{one.package}}}"


def _table(rows: list[Row], language: str) -> str:
    columns = COLUMNS[language]
    rule = ["---"] * 2 + ["--:"] * 5 + ["---"]
    lines = [columns, rule, *(_cells(one, language) for one in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{_heading(rows[0])}\n\n{table}\n"


def _cells(one: Row, language: str) -> list[str]:
    return [
        f"`{one.model}`<br>{_name(one)}",
        kind(one.kind, language),
        *(f"{number:,}" for number in (one.parameters, one.operations, one.blocks)),
        _counts(one.skips),
        short(one.flops),
        PROOF[language][one.proven],
    ]


def _name(one: Row) -> str:
    return one.name.replace("_", " ")


def _counts(skips: dict[str, int]) -> str:
    return " + ".join(f"{count} {join}" for join, count in skips.items()) or "0"


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
