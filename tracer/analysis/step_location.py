"""How a message names the place of a step: ``conv2d in down.0 at unet.py:9``."""

from __future__ import annotations


def block_name(call: str) -> str:
    """The call of a block as a message names it; the call of the model itself is empty.

    >>> block_name("down.0"), block_name("")
    ('down.0', 'the model itself')
    """
    return call or "the model itself"


def describe_location(
    what: str, block: str, file: str | None = None, line: int | None = None
) -> str:
    """What happened, in which block and, where it is known, on which line of source.

    Args:
        what: The name of an operation, or any text that `` in BLOCK`` can follow.
        block: The `Block.call` that ran it.
        file: The source file, None if it was not recorded.
        line: The line in that file.

    >>> describe_location("conv2d", "down.0", "unet.py", 9)
    'conv2d in down.0 at unet.py:9'
    """
    source = f" at {file}:{line}" if file else ""
    return f"{what} in {block_name(block)}{source}"
