"""How workers share pieces: each serves what its cache holds, in blocks, and trusts nothing but the digest."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.batch.telling import own_worker
from pipeline.batch.workshop import workshop
from pipeline.render.cache import Cache

HANDLER = "telesabaq_piece"
BLOCK = 8_000_000
"""Bytes of a piece in one message."""

KEY = re.compile(r"[0-9a-f]{64}")

ANSWER_SECONDS = 60
"""How long a block may take before another worker is asked."""


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


def fetch_piece(key: str, addresses: Sequence[str], cache: Cache, work: Path) -> Path | None:
    """The piece out of another worker's cache into this one's; None when nobody has it whole."""
    from distributed.utils import sync

    worker = own_worker()
    for address in addresses:
        if worker is None or address == worker.address:
            continue
        target = work / f"{key}.fetched"
        try:
            record = sync(worker.loop, _copied, worker, address, key, target)
        except (OSError, TimeoutError):
            continue  # that worker is gone, or too busy; another may answer, or the piece is made again
        if record is not None and _digest(target) == record["sha256"]:
            return cache.add(key, target, record["facts"])
        target.unlink(missing_ok=True)
    return None


async def _copied(worker: Any, address: str, key: str, target: Path) -> dict[str, Any] | None:
    with target.open("wb") as file:
        while True:
            asked = getattr(worker.rpc(address), HANDLER)(key=key, offset=file.tell())
            answer = await asyncio.wait_for(asked, ANSWER_SECONDS)
            if answer is None:
                return None
            record: dict[str, Any] = json.loads(answer["record"])
            file.write(answer["data"])
            if file.tell() >= record["size"] or not answer["data"]:
                return record


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def held(keys: Sequence[str]) -> list[str]:
    """Which of these pieces this worker's cache holds (run on every worker before work is handed out)."""
    cache = workshop().cache
    return [key for key in keys if cache.find(key) is not None]
