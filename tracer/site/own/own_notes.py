"""Notes on the functions of one's own models: empty files to fill in, and what is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from tracer.atomic_write import write_whole
from tracer.errors import SiteError
from tracer.render.explorer.source_functions import FunctionKey
from tracer.site.content.check_notes import shape_problems
from tracer.site.content.executions import executions_of
from tracer.site.content.function_source import Function, function_in
from tracer.site.content.match_notes import note_rows
from tracer.site.content.notes import NoteFile, code_hash, note_problems, raise_problems
from tracer.site.content.site_config import LANGUAGES, SiteConfig, SiteModel, Walk
from tracer.site.content.site_content import SiteContent, Walkthrough
from tracer.site.content.yaml_file import read_yaml
from tracer.site.own.own_model import OwnModel

SUFFIX = ".yaml"
HEAD = """\
# Notes on {name}, lines {first} to {last} of {file}. Write what a line does into `en` or `ko`, and
# delete the notes that you do not need: only those with a text are shown.
function: {function}
notes:
"""

Functions = Mapping[FunctionKey, Function]


def functions_of(models: Sequence[OwnModel]) -> dict[FunctionKey, Function]:
    """Return the functions that ran, as far as their source is known."""
    found: dict[FunctionKey, Function] = {}
    for model in models:
        for key, ran in model.content.functions.items():
            if ran.source and key not in found:
                function = function_in(model.content.sources[ran.file], ran.name, ran.file)
                if function is not None:
                    found[key] = function
    return found


def write_empty_notes(folder: Path, functions: Functions, languages: Sequence[str]) -> list[Path]:
    """Write a file with empty notes for each function that has none, and return the new files.

    Args:
        folder: The folder of the notes, which is made.
        functions: The functions that ran.
        languages: The languages that notes are to be written in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for key, function in functions.items():
        path = folder / f"{note_name(key)}{SUFFIX}"
        if not path.exists():
            write_whole(path, _empty_notes(function, languages).encode())
            written.append(path)
    return written


def note_name(key: FunctionKey) -> str:
    """Return the name of the file of notes on a function.

    >>> note_name(("nets/unet.py", "UNet.forward"))
    'nets.unet.UNet.forward'
    """
    file, name = key
    return ".".join((*PurePosixPath(file).with_suffix("").parts, name)).lstrip("./")


def _empty_notes(function: Function, languages: Sequence[str]) -> str:
    head = HEAD.format(
        name=function.name,
        first=function.first,
        last=function.last,
        file=function.file,
        function=json.dumps(f"{function.file}:{function.name}", ensure_ascii=False),
    )
    return head + "\n".join(_empty_note_rows(function, languages)) + "\n"


def _empty_note_rows(function: Function, languages: Sequence[str]) -> Iterator[str]:
    for statement in function.statements:
        if statement.kind == "docstring":
            continue
        lines = function.text(statement.start, statement.last)
        yield f"  - id: line-{statement.start}"
        yield "    code: |2"  # the code itself may begin with blanks
        yield from (f"      {line}".rstrip() for line in lines)
        yield f'    sha: "{code_hash(chr(10).join(lines))}"'
        yield from (f'    {language}: ""' for language in languages)


def own_content(
    models: Sequence[OwnModel],
    folder: Path | None,
    functions: Functions,
    required: Sequence[str],
) -> SiteContent:
    """Return the notes of a folder that are filled in, matched with the functions that ran.

    Args:
        models: The models of the site.
        folder: The folder of the notes, if there is one.
        functions: The functions that ran.
        required: The languages that a note with any text has to be written in.

    Raises:
        SiteError: Lists the notes that do not match the code or the traces.
    """
    traces = (SiteModel(one.name, one.formulas.target or one.title, shown=False) for one in models)
    walks: list[Walkthrough] = []
    problems: list[str] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder else ():
        try:
            walks += _walkthroughs(path, models, functions, required)
        except SiteError as error:
            problems.append(str(error))
    if problems:
        raise SiteError("\n".join(problems))
    return SiteContent(SiteConfig(upstream="", traces=tuple(traces)), {}, tuple(walks))


def _walkthroughs(
    path: Path, models: Sequence[OwnModel], functions: Functions, required: Sequence[str]
) -> Iterator[Walkthrough]:
    """The walkthrough of the notes in a file, if any is filled in, for the first model that ran."""
    file = read_yaml(path, NoteFile)
    filled = tuple(note for note in file.notes if any(note.of(one).strip() for one in LANGUAGES))
    if not filled:
        return
    file = replace(file, notes=filled)
    raise_problems(path, list(note_problems(file, required)))
    place, _, name = file.function.rpartition(":")
    function = functions.get((place, name))
    if function is None:
        known = ", ".join(":".join(key) for key in functions) or "none whose source is known"
        raise SiteError(f"{path}: no model of this site ran {file.function}. These ran: {known}.")
    rows = note_rows(file, function, str(path))
    ran = [model for model in models if (place, name) in model.content.functions]
    traces = {model.name: model.traces for model in ran}
    raise_problems(path, list(shape_problems(rows, function, traces)))
    first = ran[0]
    page = f"functions/{path.stem}" if len(models) == 1 else f"{first.name}/functions/{path.stem}"
    yield Walkthrough(
        walk=Walk(path.stem, page, first.name),
        notes=file,
        function=function,
        rows=rows,
        results=first.traces,
        executions=executions_of(first.traces.trace, function),
    )
