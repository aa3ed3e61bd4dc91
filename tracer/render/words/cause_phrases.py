"""What a page says of a size that fails, in each language; commands speak English only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CausePhrases:
    """Sentences with places for names and numbers.

    Attributes:
        the_model: The model itself, in place of a block.
        own_code: The code of the model, in place of an operation.
        at: Where it is in the source.
        raised: An operation failed; the message of PyTorch follows.
        expected: An operation got other channels than its weights are for.
        made: Where those channels were made; without a block, `made_outside`.
        concatenated: From which parts they were concatenated.
        source: A part that is an input or a weight.
        skip: A part that is a skip; `of` is the block that made it, `pushed` its list.
        other: Any other part; `from_block` is the block that made it.
        part, last_part: A part in the list of all.
    """

    the_model: str
    own_code: str
    at: str
    raised: str
    expected: str
    made: str
    made_outside: str
    concatenated: str
    source: str
    skip: str
    of: str
    pushed: str
    not_pushed: str
    other: str
    from_block: str
    part: str
    last_part: str


CAUSE_PHRASES = {
    "en": CausePhrases(
        the_model="the model itself",
        own_code="The model's own code",
        at=" at {file}:{line}",
        raised="{what} in {block}{at} raised:",
        expected="{op} in {block}{at} expected {expected} channels, got {got}",
        made=", which were made in {block}{at}.",
        made_outside=", which were made{at}.",
        concatenated=" = {total}, concatenated in {block}{at}:",
        source="{channels} of the {kind} {name}",
        skip="{channels} of the skip{of}, {pushed}{at}",
        of=", the output of {block}",
        pushed="pushed on {stack}",
        not_pushed="made",
        other="{channels}{made}{at}",
        from_block=" from {block}",
        part="  {part},",
        last_part="  and {part}.",
    ),
    "ko": CausePhrases(
        the_model="모델 자신",
        own_code="모델 코드",
        at=" ({file}:{line})",
        raised="{block}: {what}{at}에서 오류가 났습니다.",
        expected="{block}: {op}{at}에 필요한 채널은 {expected}개인데 {got}개가 들어왔습니다",
        made=". 이 채널은 {block}{at}에서 만들어졌습니다.",
        made_outside=". 이 채널은 모델 자신{at}에서 만들어졌습니다.",
        concatenated=" = {total}. {block}{at}에서 이어 붙인 값:",
        source="{kind} {name}의 {channels}개",
        skip="스킵의 {channels}개{of}, {pushed}{at}",
        of=", {block}의 출력",
        pushed="{stack}에 push",
        not_pushed="만든 곳",
        other="{channels}개{made}{at}",
        from_block=", {block}의 출력",
        part="  {part}",
        last_part="  {part}",
    ),
}
"""The phrases of each language that pages are written in."""
