"""tracer/site/pages/views/reference_page.py: commands and public names."""

from __future__ import annotations

import json

from tracer.site.pages.views.reference_page import command_helps, public_names

COMMAND = {"name": "show", "usage": "unet-trace show", "summary": "S.", "examples": ""}
NAME = {"signature": "()", "summary": "S.", "text": "", "sections": [], "remark": "", "example": ""}


def test_the_text_of_a_command_is_paragraphs_without_the_line_breaks_of_a_terminal() -> None:
    record = [COMMAND | {"text": "One\ntwo.\n\nThree.", "options": [["--all", "Every."]]}]
    (found,) = command_helps(json.dumps(record).encode())
    assert found.paragraphs == ("One two.", "Three.")
    assert found.options == (("--all", "Every."),)


def test_functions_come_before_classes_each_in_the_order_of_names() -> None:
    record = [
        NAME | {"name": name, "kind": kind}
        for name, kind in (("Trace", "class"), ("trace", "function"), ("at", "function"))
    ]
    found = public_names(json.dumps(record).encode())
    assert [one.name for one in found] == ["at", "trace", "Trace"]
