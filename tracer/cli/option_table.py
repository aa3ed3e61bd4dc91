"""The table of options and commands, from which the command line is built.

Each row is one option: the commands that take it, and for every other command the reason why it
does not. An option that a command does not take is refused with that reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tracer.cli.commands import (
    annotate,
    check,
    checkpoint,
    cost,
    diagram,
    diff,
    report,
    show,
    site,
)
from tracer.cli.options import (
    ALL_DIFFERENCES,
    BATCH_SIZE,
    DEPTH,
    DIMS,
    FOLD,
    FORMAT,
    IMAGE_SIZE,
    INPUT,
    MODE,
    OUTPUT,
    PATH,
    SET,
    SYMBOLIC,
    TIME_LIMIT,
    VARY,
    Option,
    for_both,
    for_side,
)

COMMAND_NAMES = (
    *("show", "stack", "cost", "diagram", "sizes", "explain", "report", "trace", "lock", "check"),
    *("diff", "checkpoint", "annotate", "verify", "presets", "site", "schema"),
)
"""Every command, in the order in which `unet-trace --help` lists them."""

TRACING = "show stack cost diagram sizes explain report trace lock check annotate verify"
TABLES = "show stack cost sizes explain check diff checkpoint verify presets"

NO_MODEL = "it does not run a model"
KEYS_ONLY = "it compares the names and shapes of weights, and does not call the model"
PAGE_IN_FORMULAS = "its sizes are formulas already, and about the inputs only"
RULES_ARE_FORMULAS = "size rules are formulas already, and about the inputs only"
REAL_NUMBERS = "it compares numbers, and shows no shapes of blocks"
ROWS_ARE_SKIPS = "its rows are skips, not blocks"
NO_BLOCKS = "its result has no rows of blocks"
WHOLE_MODEL = "it is about the whole model"
STATEMENTS = "it shows statements, not blocks"
ONE_FORMAT = "what it writes has only one format"
WRITES_FOLDER = "it writes a folder: use --out DIR"


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option in the table.

    Attributes:
        option: The option.
        commands: The commands that take it.
        reasons: Why the other commands do not, by command.
        variants: What a command takes in its place, where it takes more than one model.
    """

    option: Option
    commands: tuple[str, ...]
    reasons: Mapping[str, str]
    variants: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)

    def taken_by(self, command: str) -> tuple[Option, ...]:
        """Return what a command takes of this row; nothing if it refuses the option."""
        if command not in self.commands:
            return ()
        return self.variants.get(command, (self.option,))


def _row(option: Option, commands: str, otherwise: str = NO_MODEL, **reasons: str) -> OptionRow:
    """A row; `reasons` are those of single commands, and `otherwise` that of all others."""
    taken = commands.split()
    others = {name: reasons.get(name, otherwise) for name in COMMAND_NAMES if name not in taken}
    return OptionRow(option, tuple(taken), others)


def _model_row(option: Option, commands: str = f"{TRACING} diff site", **reasons: str) -> OptionRow:
    """A row for an option of the target; `diff` and `site` have it for all of their targets."""
    row = _row(option, commands, **reasons)
    shared = for_both(option)
    variants = (shared, *(for_side(option, which) for which in "AB"))
    if option in (MODE, SYMBOLIC):
        variants = variants[:1]
    several = {"diff": variants, "site": (shared,)}
    return OptionRow(row.option, row.commands, row.reasons, several)


def _own_row(option: Option, command: str, otherwise: str) -> OptionRow:
    return _row(option, command, otherwise)


FORMULA_REASONS = {"checkpoint": KEYS_ONLY, "verify": REAL_NUMBERS}
ROW_REASONS = {
    "stack": ROWS_ARE_SKIPS,
    "annotate": STATEMENTS,
    **dict.fromkeys(("sizes", "explain", "verify"), NO_BLOCKS),
    **dict.fromkeys(
        ("report", "trace", "lock", "check", "diff", "checkpoint", "site"), WHOLE_MODEL
    ),
}

DRAWING: Mapping[tuple[str, ...], Mapping[str, tuple[Option, ...]]] = {
    FORMAT.flags: {"diagram": (diagram.DRAWING_FORMAT,)},
    OUTPUT.flags: {"diagram": (diagram.DRAWING_OUTPUT,)},
}
OPTION_TABLE = (
    _model_row(INPUT, checkpoint=KEYS_ONLY),
    _model_row(IMAGE_SIZE, checkpoint=KEYS_ONLY),
    _model_row(BATCH_SIZE, checkpoint=KEYS_ONLY),
    _model_row(SET, f"{TRACING} diff checkpoint site"),
    _model_row(MODE, checkpoint=KEYS_ONLY),
    _row(TIME_LIMIT, f"{TRACING} diff checkpoint site"),
    _model_row(
        SYMBOLIC,
        "show stack cost diagram trace lock check diff annotate",
        **FORMULA_REASONS,
        sizes=RULES_ARE_FORMULAS,
        explain=RULES_ARE_FORMULAS,
        report=PAGE_IN_FORMULAS,
        site=PAGE_IN_FORMULAS,
    ),
    _model_row(
        DIMS,
        "show stack cost diagram sizes explain report trace lock check diff annotate site",
        **FORMULA_REASONS,
    ),
    _model_row(
        VARY,
        "show stack cost diagram trace lock check diff annotate",
        **FORMULA_REASONS,
        sizes=RULES_ARE_FORMULAS,
        explain=RULES_ARE_FORMULAS,
        report=PAGE_IN_FORMULAS,
        site=PAGE_IN_FORMULAS,
    ),
    _row(DEPTH, "show cost diagram", **ROW_REASONS),
    _row(PATH, "show stack cost diagram", **{**ROW_REASONS, "stack": ""}),
    _row(FOLD, "show cost diagram", **ROW_REASONS),
    _own_row(show.OPS, "show", "only show lists operations"),
    _own_row(show.CHOSEN_COLUMNS, "show", "only show has columns to choose"),
    _own_row(cost.BY, "cost", "only cost has several groupings"),
    _own_row(diagram.BLOCK, "diagram", "only diagram draws the inside of a block"),
    _own_row(check.UPDATE, "check", "only check compares with a lock file"),
    _own_row(check.STRICT, "check", "only check compares with a lock file"),
    _own_row(ALL_DIFFERENCES, "check diff", "it lists no differences"),
    _own_row(checkpoint.EVERY_KEY, "checkpoint", "it lists no keys"),
    _own_row(checkpoint.PREFIX, "checkpoint", "only checkpoint reads keys"),
    _own_row(checkpoint.WITHIN, "checkpoint", "only checkpoint reads keys"),
    _own_row(diff.DIAGRAM, "diff", "only diff draws two models; for one, use diagram"),
    replace(_row(FORMAT, f"{TABLES} diagram", ONE_FORMAT), variants=DRAWING[FORMAT.flags]),
    replace(
        _row(OUTPUT, f"{TABLES} diagram report trace lock annotate schema", WRITES_FOLDER),
        variants=DRAWING[OUTPUT.flags],
    ),
    _own_row(annotate.ONE_CALL, "annotate", "only annotate shows single calls; use --path"),
    *(
        _own_row(option, "annotate", "only annotate writes into sources")
        for option in (annotate.RUN, annotate.WRITE, annotate.CHECK, annotate.INSTALLED)
    ),
    replace(
        _row(report.PAGE_LANGUAGE, "report site", "only report and site write pages in a language"),
        variants={"site": (site.SITE_LANGUAGES,)},
    ),
    *(
        _own_row(option, "site", "only site has pages of its own")
        for option in (site.NOTES, site.SOURCES, site.CONFIG)
    ),
    _own_row(site.FOLDER, "site", "only site writes a folder; use -o FILE"),
)
"""Every option; the order is that of the help texts."""


def options_of(command: str) -> Iterator[Option]:
    """Yield the options that a command takes."""
    for row in OPTION_TABLE:
        yield from row.taken_by(command)


def refusal(flag: str, command: str) -> str | None:
    """Return why a command does not take an option; None if no command has such an option.

    >>> refusal("--depth", "stack")
    'stack has no --depth: its rows are skips, not blocks. show, cost and diagram have it.'
    """
    rows = [row for row in OPTION_TABLE if flag in row.option.words]
    reasons = [row.reasons[command] for row in rows if command in row.reasons]
    if not reasons:
        return None
    *others, last = dict.fromkeys(name for row in rows for name in row.commands)
    listed = f"{', '.join(others)} and {last} have it" if others else f"{last} has it"
    return f"{command} has no {flag}: {reasons[0]}. {listed}."
