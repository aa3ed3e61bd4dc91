"""What breaks when one thing in the UNet is changed: each change is made, run and recorded.

The page of the site is generated from what `record` returns.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import torch
from altered_copy import PACKAGE, Edit, altered_copy, difference

from tracer import Session, Trace

PRESET = "ddpm-cifar10"
SEED = 0


@dataclass(frozen=True)
class Change:
    """One change: of the code, of the size of the image, or of a keyword of the model."""

    id: str
    edits: tuple[Edit, ...] = ()
    size: int = 32
    keywords: dict[str, Any] = field(default_factory=dict)


CHANGES = (
    Change("no-push", (Edit("model.py", "                hs.append(h)\n", ""),)),
    Change(
        "lost-downsample",
        (
            Edit(
                "model.py",
                "hs.append(self.down[i_level].downsample(hs[-1]))",
                "h = self.down[i_level].downsample(hs[-1])",
            ),
        ),
    ),
    Change("odd-size", size=36),
    Change(
        "channels",
        (
            Edit("config.py", " or config.ch % NUM_GROUPS:", ":"),
            Edit("blocks.py", " or in_channels % num_groups:", ":"),
        ),
        keywords={"ch": 48},
    ),
    Change(
        "swapped-cat",
        (Edit("model.py", "torch.cat([h, hs.pop()], dim=1)", "torch.cat([hs.pop(), h], dim=1)"),),
    ),
    Change("even-pad", (Edit("blocks.py", "pad = (0, 1, 0, 1)", "pad = (1, 1, 1, 1)"),)),
)


def record() -> list[dict[str, Any]]:
    """Return what each change did: as data, with the traces up to where the model failed."""
    return [recorded(change) for change in CHANGES]


def recorded(change: Change) -> dict[str, Any]:
    """Return what one change did."""
    name = f"altered_{change.id.replace('-', '_')}"
    found: dict[str, Any] = {"id": change.id, "diff": difference(change.edits)}
    with altered_copy(name, change.edits) as package:
        try:
            model = package.build(PRESET, **change.keywords).eval()
        except ValueError as error:
            found |= {"error": error_lines(error), "frames": frames(error, name)}
        else:
            found |= as_run(model, name, change)
            if not change.edits or "error" in found:
                return found
            found["outputs"] = compared(model)
    return found


def as_run(model: torch.nn.Module, name: str, change: Change) -> dict[str, Any]:
    """Return the trace of a model and, where it failed, the traceback and what is known of it."""
    session = Session.of(model, inputs_of(change.size), target=PRESET)
    trace = renamed(session.partial_trace, name)
    if session.failure is None:
        return {"trace": trace}
    error = session.failure.error
    return {
        "trace": trace,
        "error": error_lines(error),
        "frames": frames(error, name),
        "note": session.failure.note.replace(f"{name}/", f"{PACKAGE}/"),
    }


def inputs_of(size: int) -> dict[str, torch.Tensor]:
    """Return inputs for one image; always the same ones."""
    generator = torch.Generator().manual_seed(SEED)
    image = torch.randn(1, 3, size, size, generator=generator)
    return {"x": image, "t": torch.tensor([500])}


def renamed(trace: Trace, name: str) -> Any:
    """Return a trace as data, its files called as those of the package that was copied."""
    text = msgspec.json.encode(trace).decode()
    return json.loads(text.replace(f"{name}/", f"{PACKAGE}/"))


def error_lines(error: BaseException) -> str:
    """Return the last lines of a traceback, without notes."""
    return f"{type(error).__name__}: {error}"


@cache
def unchanged() -> tuple[dict[str, Any], torch.Tensor]:
    """Return the weights of the unchanged model, and its output."""
    import reference_model

    torch.manual_seed(SEED)
    model = reference_model.build(PRESET).eval()
    with torch.no_grad():
        return model.state_dict(), model(**inputs_of(32))


def frames(error: BaseException, name: str) -> str:
    """Return the lines of a traceback that are in the package, the innermost last."""
    found = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent.name == name
    ]
    lines = traceback.StackSummary.from_list(
        [(f"{PACKAGE}/{Path(one.filename).name}", one.lineno, one.name, one.line) for one in found]
    ).format()
    return "".join(lines).rstrip()


def compared(other: torch.nn.Module) -> dict[str, Any]:
    """Return how the outputs of the model and of its changed copy differ, with the same weights."""
    weights, one = unchanged()
    other.load_state_dict(weights, assign=True)
    with torch.no_grad():
        two = other(**inputs_of(32))
    return {
        "shape": list(two.shape),
        "same_shape": one.shape == two.shape,
        "differ": int((one != two).sum()),
        "count": one.numel(),
        "most": float((one - two).abs().max()),
        "spread": float(one.std()),
    }
