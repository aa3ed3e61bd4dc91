"""tracer/render/words/cause_phrases.py: why a size fails, in each language."""

from __future__ import annotations

import pytest

from tracer.analysis.channel_mismatch import ChannelMismatch, JoinedPart
from tracer.analysis.size_rules import Cause
from tracer.analysis.value_origin import StepLocation
from tracer.render.tables.failing_size import error_sentences
from tracer.render.words.cause_phrases import CAUSE_PHRASES

AT = StepLocation("up.0", "unet.py", 20)
PARTS = (
    JoinedPart(8, StepLocation("inp", "unet.py", 9), is_skip=True, stack="hs"),
    JoinedPart(16, StepLocation("mid", "unet.py", 12)),
)


def told(channels: ChannelMismatch | None, op: str | None, language: str) -> list[str]:
    """What is said of a cause, but for PyTorch's message."""
    cause = Cause(15, "RuntimeError: odd", op, AT, channels=channels)
    *sentences, error = error_sentences(cause, CAUSE_PHRASES[language])
    assert error == "RuntimeError: odd"
    return sentences


@pytest.mark.parametrize(
    ("op", "english", "korean"),
    [
        ("pad", "pad in up.0 at unet.py:20 raised:", "up.0: pad (unet.py:20)에서 오류가 났습니다."),
        (
            None,
            "The model's own code in up.0 at unet.py:20 raised:",
            "up.0: 모델 코드 (unet.py:20)에서 오류가 났습니다.",
        ),
    ],
)
def test_an_error_says_where_it_was_raised(op: str | None, english: str, korean: str) -> None:
    assert told(None, op, "en") == [english]
    assert told(None, op, "ko") == [korean]


def test_channels_that_were_concatenated_are_listed_with_their_makers() -> None:
    found = ChannelMismatch("conv2d", AT, 32, 24, AT, PARTS)
    assert told(found, "conv2d", "en") == [
        "conv2d in up.0 at unet.py:20 expected 32 channels, got 24 = 8 + 16, "
        "concatenated in up.0 at unet.py:20:",
        "  8 of the skip, the output of inp, pushed on hs at unet.py:9,",
        "  and 16 from mid at unet.py:12.",
    ]
    assert told(found, "conv2d", "ko") == [
        "up.0: conv2d (unet.py:20)에 필요한 채널은 32개인데 24개가 들어왔습니다 = 8 + 16. "
        "up.0 (unet.py:20)에서 이어 붙인 값:",
        "  스킵의 8개, inp의 출력, hs에 push (unet.py:9)",
        "  16개, mid의 출력 (unet.py:12)",
    ]


@pytest.mark.parametrize(
    ("block", "english", "korean"),
    [
        ("up.1", "made in up.1 at unet.py:19.", "up.1 (unet.py:19)에서 만들어졌습니다."),
        ("", "made at unet.py:19.", "모델 자신 (unet.py:19)에서 만들어졌습니다."),
    ],
)
def test_channels_of_one_tensor_are_told_with_its_maker(
    block: str, english: str, korean: str
) -> None:
    found = ChannelMismatch("conv2d", AT, 32, 24, StepLocation(block, "unet.py", 19), ())
    (in_english,), (in_korean,) = (told(found, "conv2d", language) for language in ("en", "ko"))
    assert in_english.endswith(english)
    assert in_korean.endswith(korean)
