"""A training as it goes, as server-sent events: one for each epoch of its record.

Source: the format is that of the HTML standard, section 9.2, server-sent events.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from gatework.errors import GateworkError, InputFileError
from gatework.train import read_record

POLL = 0.3
"""Seconds from one look at the record to the next."""


async def epochs_of(folder: Path, gone: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
    """Yield an event for every epoch of a run, those there are and those to come.

    A run that has not begun is waited for; one that begins anew is told from its start, after an
    event "again"; a damaged record ends in an event "problem" that says what is wrong.

    Args:
        folder: of the record.
        gone: whether nobody listens any more.
    """
    sent = 0
    while not await gone():
        try:
            epochs = (await run_in_threadpool(read_record, folder)).epochs
        except InputFileError:
            epochs = ()
        except GateworkError as error:
            yield f"event: problem\ndata: {json.dumps(error.message)}\n\n"
            return
        if len(epochs) < sent:
            sent = 0
            yield "event: again\ndata: null\n\n"
        for epoch in epochs[sent:]:
            yield f"data: {json.dumps(vars(epoch))}\n\n"
        sent = len(epochs)
        await asyncio.sleep(POLL)
