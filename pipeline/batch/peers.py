"""How workers share pieces: each serves what its cache holds, in blocks, and trusts nothing but the digest."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.batch.telling import own_worker
from pipeline.batch.workshop import workshop
from pipeline.render.cache import Cache

HANDLER = "telesabaq_piece"
BLOCK = 8_000_000
"""Bytes of a piece in one message."""

KEY = re.compile(r"[0-9a-f]{64}")

KNOCK_SECONDS = 15
ANSWER_SECONDS = 60
"""How long the first block, and any other, may take before another worker is asked."""


def serve(worker: Any) -> None:
    """Make a worker answer for the pieces of its cache."""
    worker.handlers[HANDLER] = _answer


async def _answer(key: str, offset: int) -> dict[str, Any] | None:
    """A block of a piece with its record, or None when this worker does not hold it."""
    return await asyncio.to_thread(_block, key, offset)


def _block(key: str, offset: int) -> dict[str, Any] | None:
    cache = workshop().cache
    path = cache.find(key) if KEY.fullmatch(key) else None
    if path is None:
        return None
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(BLOCK)
    return {"data": data, "record": path.with_name(path.name + ".json").read_text()}


def fetch_piece(key: str, addresses: Sequence[str], cache: Cache, work: Path, silent: set[str]) -> Path | None:
    """The piece out of another worker's cache into this one's; None when nobody has it whole.

    `silent`: workers that did not answer and are not asked again; those that do not answer now are added.
    """
    from distributed.utils import sync

    worker = own_worker()
    for address in addresses:
        if worker is None or address == worker.address or address in silent:
            continue
        target = work / f"{key}.fetched"
        try:
            told = sync(worker.loop, _copied, worker, address, key, target)
        except Exception:
            # Gone, too busy, or not one of ours any more: another may answer, or the piece is made again.
            silent.add(address)
            continue
        path = cache.take(key, target, told) if told is not None else None
        if path is not None:
            return path
        target.unlink(missing_ok=True)
    return None


async def _copied(worker: Any, address: str, key: str, target: Path) -> dict[str, Any] | None:
    patience = KNOCK_SECONDS
    with target.open("wb") as file:
        while True:
            asked = getattr(worker.rpc(address), HANDLER)(key=key, offset=file.tell())
            answer = await asyncio.wait_for(asked, patience)
            if answer is None:
                return None
            record: dict[str, Any] = json.loads(answer["record"])
            file.write(answer["data"])
            if file.tell() >= record["size"] or not answer["data"]:
                return record
            patience = ANSWER_SECONDS


def held(keys: Sequence[str]) -> list[str]:
    """Which of these pieces this worker's cache holds (run on every worker before work is handed out)."""
    cache = workshop().cache
    return [key for key in keys if cache.find(key) is not None]
