"""Runs what a ``forward`` returns before it has computed it: generators, iterators, coroutines.

The body of a generator runs when somebody asks for the next item, and that of an ``async def`` when
it is awaited. Inside a model the caller does that. For what the model itself returns nobody does
during a run, so `run_to_end` does.
"""

from __future__ import annotations

import asyncio
import itertools
import types
from asyncio import events
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from io import IOBase
from typing import Any

from tracer.from_torch.capture.pytree import PyTree, is_object, parts_of, with_parts

ITEM_LIMIT = 1000
"""The most items that are read of one iterator: it may have no end."""

LIMIT_NOTE = "The model returned an iterator with more than {:,} items; the others were not read."

LAZY_TYPES = (
    *(types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType),
    *(map, filter, zip, enumerate, reversed),
    *(itertools.chain, itertools.islice, itertools.starmap, itertools.accumulate),
    *(itertools.takewhile, itertools.dropwhile),
)
"""What a module may return in place of its results: the body of a function, or an iterator that
calls one. A class of the user's own may have more methods, so it is not among them."""

Resume = Callable[[], AbstractContextManager[None]]
"""Makes a context in which the body of a module runs on."""
Observe = Callable[[PyTree], object]
"""Is called with each item that a module gives."""


def run_to_end(result: PyTree, add_note: Callable[[str], object] = lambda _: None) -> Any:
    """Return what a model returned, with a list of its items in place of each iterator.

    A coroutine is awaited, and its result takes its place.

    Args:
        result: What the model returned, in any nesting of containers.
        add_note: Called with a sentence if an iterator was not read to its end.

    >>> run_to_end({"sizes": (size * size for size in (2, 3)), "scale": 1.5})
    {'sizes': [4, 9], 'scale': 1.5}
    """
    if isinstance(result, (Coroutine, AsyncIterator)):
        return run_to_end(_await(result), add_note)
    if isinstance(result, Iterator) and not isinstance(result, IOBase):
        items = list(itertools.islice(result, ITEM_LIMIT + 1))
        return [run_to_end(item, add_note) for item in _limited(items, add_note)]
    if is_object(result):
        return result
    parts = [(key, part, run_to_end(part, add_note)) for key, part in parts_of(result)]
    if all(part is new for _, part, new in parts):
        return result
    return with_parts(result, {key: new for key, _, new in parts})


def _limited(items: list[Any], add_note: Callable[[str], object]) -> list[Any]:
    if len(items) > ITEM_LIMIT:
        add_note(LIMIT_NOTE.format(ITEM_LIMIT))
    return items[:ITEM_LIMIT]


def _await(lazy: Coroutine[Any, Any, Any] | AsyncIterator[Any]) -> Any:
    """Run a coroutine in an event loop of its own, also inside the one of a notebook."""
    running = events._get_running_loop()
    events._set_running_loop(None)
    try:
        awaited = lazy if isinstance(lazy, Coroutine) else _items_of(lazy)
        return asyncio.run(awaited)
    finally:
        events._set_running_loop(running)


async def _items_of(items: AsyncIterator[Any]) -> Iterator[Any]:
    found: list[Any] = []
    async for item in items:
        found.append(item)
        if len(found) > ITEM_LIMIT:
            break
    return iter(found)


def observed(result: PyTree, resume: Resume, observe: Observe) -> Any:
    """Return a generator, iterator or coroutine that runs each part of its body in a context.

    Args:
        result: What the ``forward`` of a module returned, one of `LAZY_TYPES`.
        resume: Makes the context in which the body runs on.
        observe: Called with each item that is yielded, and with the result of a coroutine.
    """
    if isinstance(result, types.AsyncGeneratorType):
        return _observed_async_generator(result, resume, observe)
    if isinstance(result, types.CoroutineType):
        return _observed_coroutine(result, resume, observe)
    if isinstance(result, types.GeneratorType):
        return _observed_generator(result, resume, observe)
    return _observed_generator((item for item in result), resume, observe)


def _observed_generator(
    body: Generator[Any, Any, Any], resume: Resume, observe: Observe
) -> Generator[Any, Any, Any]:
    step: Callable[[], Any] = partial(next, body)
    while True:
        try:
            with resume():
                item = step()
                observe(item)
        except StopIteration as stop:
            return stop.value
        try:
            sent = yield item
        except GeneratorExit:
            with resume():
                body.close()
            raise
        except BaseException as error:
            step = partial(body.throw, error)
        else:
            step = partial(next, body) if sent is None else partial(body.send, sent)


async def _observed_coroutine(
    body: Coroutine[Any, Any, Any], resume: Resume, observe: Observe
) -> Any:
    result = await _steps(body, resume)
    with resume():
        observe(result)
    return result


@types.coroutine
def _steps(body: Any, resume: Resume) -> Generator[Any, Any, Any]:
    """Await something; each part of it between two pauses runs in a context of its own."""
    awaited = body.__await__()
    if not hasattr(awaited, "throw"):
        return (yield from awaited)
    return (yield from _observed_generator(awaited, resume, lambda _: None))


async def _observed_async_generator(
    body: types.AsyncGeneratorType[Any, Any], resume: Resume, observe: Observe
) -> Any:
    step = body.__anext__
    while True:
        try:
            item = await _steps(step(), resume)
        except StopAsyncIteration:
            return
        with resume():
            observe(item)
        try:
            sent = yield item
        except GeneratorExit:
            await body.aclose()
            raise
        except BaseException as error:
            step = partial(body.athrow, error)
        else:
            step = partial(body.asend, sent)
