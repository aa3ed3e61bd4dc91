"""A small project with a site of its own: the toy UNet, its trace written by hand, a few notes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

from tests.example import example, symbolic_example
from tests.render.laws import LAW
from tracer.record import Symbol
from tracer.site.content.model_results import ModelResults
from tracer.site.content.notes import code_hash
from tracer.site.content.site_config import SiteModel
from tracer.site.content.site_content import SiteContent, read_content

TESTS = Path(__file__).parents[1]
SITE = """\
upstream: https://example.org/model.py#L{first}-L{last}
traces:
  - {name: toy, target: "tests.toy_unet:ToyUNet", title: {en: The toy, ko: 장난감}}
walks:
  - {notes: forward, page: walk/forward, trace: toy}
  - {notes: block, page: walk/block, trace: toy}
credits:
  - {here: "tests.toy_unet:ResBlock", upstream: [3, 9]}
"""
GLOSSARY = """\
terms:
  - {id: shape, en: shape, ko: 형상, definition: {en: Sizes., ko: 크기.}, choice: {en: E., ko: K.}}
"""
FLOPS = {"conv2d": "72*B*H*W", "linear": "16*B", "scaled_dot_product_attention": "4*B*H**2*W**2"}
FORWARD = [
    ("first-push", "hs = [self.conv_in(x)]", '{x: "b 3 h w", "hs[-1]": "b 8 h w"}'),
    ("down", "h = self.down[0].block(hs[-1], temb)\nhs.append(h)", '{h: "b c h w"}'),
    ("pop", "h = block(torch.cat([h, hs.pop()], dim=1), temb)", '{h: "b c h w"}'),
]
BLOCK = [
    ("time", "h = h + self.temb_proj(temb)[:, :, None, None]", '{temb: "_ e", h: "... h w"}'),
    ("sum", "return x + h", '{return: "b c h w", h: "b c h w"}'),
]


def note(name: str, code: str, shapes: str = "{}", **fields: str) -> str:
    """A note in YAML; `fields` take the place of those that it would have."""
    texts = {"en": f"About {name}.", "ko": f"{name}에 관하여."} | fields
    sha = texts.pop("sha", code_hash(code))
    lines = [f"id: {name}", "code: |", indent(code, "  "), f'sha: "{sha}"', f"shapes: {shapes}"]
    lines += [f"{key}: {text}" for key, text in texts.items()]
    return indent("\n".join(lines), "    ").replace("    ", "  - ", 1)


def note_file(function: str, *notes: str) -> str:
    """A file of notes in YAML."""
    head = dedent(
        f"""\
        function: {function}
        upstream: [1, 40]
        title: {{en: Title, ko: 제목}}
        intro: {{en: Before., ko: 앞.}}
        outro: {{en: After., ko: 뒤.}}
        notes:
        """
    )
    return head + "\n".join(notes) + "\n"


def make_project(root: Path) -> Path:
    """Write the project's docs below a folder, and return the folder of its docs."""
    docs = root / "docs"
    (docs / "notes").mkdir(parents=True)
    (docs / "assets").mkdir()
    (docs / "assets" / "site.css").write_text("body { margin: 0 }\n")
    (docs / "site.yaml").write_text(SITE, encoding="utf-8")
    (docs / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    write_notes(
        docs, "forward", note_file("tests.toy_unet:ToyUNet.forward", *(note(*n) for n in FORWARD))
    )
    write_notes(
        docs, "block", note_file("tests.toy_unet:ResBlock.forward", *(note(*n) for n in BLOCK))
    )
    return docs


def write_notes(docs: Path, name: str, text: str) -> None:
    (docs / "notes" / f"{name}.yaml").write_text(text, encoding="utf-8")


def toy_results() -> ModelResults:
    """What a run of the toy finds."""
    formulas = symbolic_example()
    symbols = Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2)
    steps = tuple(replace(step, flops=FLOPS.get(step.op)) for step in formulas.steps)
    return ModelResults(example(), replace(formulas, steps=steps, symbols=symbols), LAW)


def run_toy(traces: Iterable[SiteModel]) -> dict[str, ModelResults]:
    """Stands in for running the models of a plan."""
    return {traced.name: toy_results() for traced in traces}


def toy_content(root: Path) -> SiteContent:
    """All that the pages of the toy's site are made of."""
    return read_content(make_project(root), run_toy)


def copy_of_this_project(root: Path) -> Path:
    """The sources of this project's own site in another folder, without what is generated."""
    here = TESTS.parent
    shutil.copytree(here / "docs", root / "docs", ignore=shutil.ignore_patterns("generated"))
    for config in here.glob("mkdocs*.yml"):
        shutil.copy(config, root)
    return root
