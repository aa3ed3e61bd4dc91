"""The words for the page "How it is tested": what each number of docs/robustness counts.

A new number needs one row here: its id, and what was counted, in English and Korean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "ko")

TITLE = {"en": "How it is tested", "ko": "테스트 방법"}
INTRODUCTION = {
    "en": """\
`unet-trace` runs in continuous integration, on other people's models and files. So it is tested
with hostile files, broken machines and many versions. It always has to end with a result, or
with one message and exit status 2. It never leaves a file half written, and runs nothing that it
was not asked to run.

The numbers on this page were written by the tests themselves, into `docs/robustness/`.""",
    "ko": """\
`unet-trace`는 지속적 통합 환경에서, 다른 사람의 모델과 파일을 대상으로 실행됩니다. 그래서
악의적인 파일과 고장 난 시스템, 여러 버전까지 시험합니다. 언제나 결과를 내거나, 메시지 하나와 종료
상태 2로 끝나야 합니다. 쓰다 만 파일을 남기지 않고, 요청하지 않은 것은 실행하지 않습니다.

이 페이지의 숫자는 테스트가 직접 `docs/robustness/`에 기록한 것입니다.""",
}
COLUMNS = {"en": ("what was tried", "number"), "ko": ("시험한 항목", "개수")}


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: one file of figures.

    Attributes:
        name: The file, without its suffix; also the id of the section.
        title: The heading, by language.
        text: The paragraph below it, by language.
        rows: What each number counts, in English and Korean, by its id.
    """

    name: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    rows: Mapping[str, tuple[str, str]]


FUZZING = Part(
    "fuzzing",
    {"en": "Hostile files and options", "ko": "악의적인 파일과 옵션"},
    {
        "en": """\
Traces, lock files, checkpoints, shapes, formulas and options are checked completely when they are
read. Each of these inputs has to give a result, or one message that names the place.
`make nightly` draws more of them, at random.""",
        "ko": """\
추적 기록, 잠금 파일, 체크포인트, 형상, 식, 옵션은 읽을 때 빠짐없이 검사합니다. 아래 입력은 모두
결과를 내거나, 잘못된 위치를 밝힌 메시지 하나를 내야 합니다. `make nightly`는 더 많은 입력을
무작위로 만들어 시험합니다.""",
    },
    {
        "mutated traces": (
            "saved traces with one part replaced, removed, doubled or cut off",
            "저장한 추적 기록의 일부를 바꾸거나, 지우거나, 두 번 넣거나, 잘라 낸 것",
        ),
        "commands run on traces that are read": (
            "commands that are run on a trace that is still valid",
            "그래도 유효한 추적 기록에 실행하는 명령",
        ),
        "mutated lock files": (
            "lock files, changed in the same way",
            "같은 방법으로 변형한 잠금 파일",
        ),
        "mutated checkpoints": (
            "checkpoints, changed in the same way",
            "같은 방법으로 변형한 체크포인트",
        ),
        "texts of options, shapes and formulas": (
            "texts of options, shapes and formulas",
            "옵션과 형상과 식의 텍스트",
        ),
        "readers of such texts": (
            "functions that read each of these texts",
            "이 텍스트를 하나하나 읽는 함수",
        ),
        "commands with limited time and memory": (
            "commands that have to refuse a hostile file or option in little time and memory",
            "악의적인 파일이나 옵션을 짧은 시간과 적은 메모리로 거부해야 하는 명령",
        ),
    },
)
FAULTS = Part(
    "faults",
    {"en": "Broken machines", "ko": "고장 난 시스템"},
    {
        "en": """\
While a file is written, each call of the operating system fails once, and the process is
interrupted or killed at each call. After that, the old file has to be whole.""",
        "ko": """\
파일을 쓰는 동안 운영 체제 호출을 하나씩 실패하게 하고, 호출마다 프로세스를 중단하거나 강제
종료합니다. 그 뒤에도 이전 파일은 온전해야 합니다.""",
    },
    {
        "write_error": (
            "calls that fail while a file is written: a full disk, no permission, an error "
            "on closing",
            "파일을 쓰는 동안 실패하는 호출: 디스크 공간 부족, 권한 없음, 파일을 닫을 때의 오류",
        ),
        "write_interrupt": (
            "moments at which Ctrl-C interrupts writing (SIGINT)",
            "파일을 쓰는 도중 Ctrl-C로 중단되는 시점(SIGINT)",
        ),
        "write_terminate": (
            "moments at which the process is asked to end (SIGTERM)",
            "프로세스가 종료 요청을 받는 시점(SIGTERM)",
        ),
        "write_kill": (
            "moments at which the process is killed (SIGKILL)",
            "프로세스가 강제 종료되는 시점(SIGKILL)",
        ),
        "programs_that_cannot_draw": (
            "Graphviz programs that cannot draw: they crash, hang, or write nothing, garbage or "
            "half a drawing; another one draws instead",
            "그리지 못하는 Graphviz 프로그램: 비정상 종료하거나, 끝나지 않거나, 아무것도 쓰지 "
            "않거나, 엉뚱한 것을 쓰거나, 그림을 반만 쓰는 것(이때는 다른 프로그램이 대신 그림)",
        ),
        "hostile_models": (
            "models that print, warn, exit, fork, recurse, change the folder, raise anything or "
            "never end",
            "출력하거나, 경고하거나, 종료하거나, 프로세스를 복제하거나, 재귀하거나, 작업 폴더를 "
            "바꾸거나, 온갖 예외를 일으키거나, 끝나지 않는 모델",
        ),
        "troubled_streams": (
            "outputs that are closed or full, or have an encoding other than UTF-8",
            "닫혔거나, 가득 찼거나, UTF-8이 아닌 인코딩을 쓰는 출력",
        ),
    },
)
NAMES = Part(
    "names",
    {"en": "Odd names", "ko": "이상한 이름"},
    {
        "en": """\
Names from models and files may hold anything. Every table, diagram and message has to show them,
escaped so that they can be read back. None may pass a control character to a terminal, or a
formula to a spreadsheet.""",
        "ko": """\
모델과 파일에서 온 이름에는 어떤 문자든 들어 있을 수 있습니다. 모든 표와 그림과 메시지는 원래
이름을 되돌릴 수 있게 이스케이프해서 보여 주어야 하며, 터미널에 제어 문자를 보내거나
스프레드시트에 수식을 넘겨서는 안 됩니다.""",
    },
    {
        "odd_names": (
            "names: control characters, terminal sequences, line breaks, surrogates, "
            "bidirectional text, 10,000 letters",
            "이름: 제어 문자, 터미널 시퀀스, 줄 바꿈, 서로게이트, 양방향 텍스트, 10,000자",
        ),
        "odd_name_renderings": (
            "tables and diagrams in which each of them is shown",
            "이 이름을 하나하나 보여 주는 표와 그림",
        ),
    },
)
VERSIONS = Part(
    "versions",
    {"en": "Versions of Python and PyTorch", "ko": "Python과 PyTorch의 버전"},
    {
        "en": """\
`make versions` installs each pair into an environment of its own, and runs all tests there except
those of the site. *Newest* is what pip offers on that day. *Not available* means that there was
no such Python on that machine, or no such PyTorch for it.""",
        "ko": """\
`make versions`는 조합마다 환경을 따로 만들어 설치하고, 사이트 테스트를 뺀 나머지 테스트를
실행합니다. *최신*은 그날 pip이 설치하는 버전입니다. *없음*은 실행한 컴퓨터에 그 Python이 없거나,
그 Python용 PyTorch가 없다는 뜻입니다.""",
    },
    {},
)
INSTALL = Part(
    "install",
    {"en": "The installed package", "ko": "설치한 패키지"},
    {
        "en": """\
`make wheel` builds the wheel, installs it into an environment of its own, and runs every command
in a folder outside the checkout. It does so again with another `tracer.py` and
`reference_model.py` in that folder, and with `python -m pytest`. [Install](install.md#extras)
has what an install takes.""",
        "ko": """\
`make wheel`은 휠을 만들어 별도의 환경에 설치하고, 저장소 밖의 폴더에서 모든 명령을
실행합니다. 그 폴더에 다른 `tracer.py`와 `reference_model.py`를 두고, 또 `python -m pytest`로도
다시 실행합니다. 설치에 필요한 용량은 [설치](install.md#extras)에 있습니다.""",
    },
    {},
)
PARTS = (FUZZING, FAULTS, NAMES, VERSIONS, INSTALL)
WITHOUT_ROWS = (VERSIONS.name, INSTALL.name)
"""Parts whose figures are not listed one by one."""

NEWEST = {"en": "newest", "ko": "최신"}
UNAVAILABLE = {"en": "not available", "ko": "없음"}
NOT_TRIED = {"en": "not tried yet", "ko": "아직 시도하지 않음"}
PASSED = {"en": "$passed passed", "ko": "$passed개 통과"}
FAILED = {"en": "$passed passed, **$failed failed**", "ko": "$passed개 통과, **$failed개 실패**"}
