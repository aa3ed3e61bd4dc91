"""Formulas in the texts of notes, written as LaTeX between dollar signs, as MathML.

Every current browser draws MathML by itself, so a page needs neither a script nor a font for it.
"""

from __future__ import annotations

import re

from latex2mathml.converter import convert

from tracer.errors import SiteError

CODE_OR_MATH = re.compile(
    r"(?P<code>`[^`]*`)|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\s](?:[^$]*[^$\s])?)\$", re.DOTALL
)
UNKNOWN_COMMAND = "\\"
"""What the library leaves in its result of a command that it does not know."""


def with_math(text: str) -> str:
    """Return a Markdown text with each formula as MathML; code is left as it is.

    ``$...$`` is a formula inside a sentence, ``$$...$$`` one in a paragraph of its own.

    Raises:
        SiteError: A formula is not LaTeX, or has a command that the library does not know.

    >>> with_math("Half of $n$, and `$HOME`.")
    'Half of <span><math><mrow><mi>n</mi></mrow></math></span>, and `$HOME`.'
    """
    return CODE_OR_MATH.sub(_rendered, text)


def _rendered(match: re.Match[str]) -> str:
    if match["code"]:
        return match[0]
    latex = match["block"] or match["inline"]
    try:
        mathml = convert(" ".join(latex.split()), display="block" if match["block"] else "inline")
    except Exception as error:  # the library has no common class for its errors
        raise SiteError(f"The formula {latex!r} is not LaTeX: {error!r}.") from None
    if UNKNOWN_COMMAND in mathml:
        raise SiteError(f"The formula {latex!r} has a command that is not known: {mathml}")
    mathml = mathml.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "").replace("_", "&#95;")
    if match["block"]:
        return f'<div class="ut-math">{mathml}</div>'
    # a line that begins with <math> would begin a block of HTML, and end the paragraph
    inline = mathml.replace(' display="inline"', "")
    return f"<span>{inline}</span>"
