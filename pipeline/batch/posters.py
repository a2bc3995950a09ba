"""Posters as thumbnails that a page carries in itself, made once for each poster."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, Protocol

from pipeline.errors import TelesabaqError
from pipeline.render.cache import Cache

VERSION = 2
POSTER = "poster.jpg"
SIZE = (320, 180)
"""Pixels: sharp on a card of the gallery, and still 3 to 4 KB."""
QUALITY, METHOD = 50, 2
"""Of WebP: more effort than this takes more than twice as long for a twentieth less."""
MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000
READERS = 8


class Shelf(Protocol):
    """Where posters lie; `read` may be called from several threads."""

    def read(self, name: str, /) -> bytes | None: ...


def thumbnails(output: Shelf, films: Iterable[Mapping[str, Any]], cache: Cache) -> dict[str, str]:
    """Folder of a film -> its poster as a small WebP, base64; "" where there is no picture that can be shown.

    Remembered in the cache by the poster's digest: a poster is read once, also over thousands of runs.
    """
    found: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for film in films:
        known = cache.recall(_key(film["poster"])) if film["poster"] else ""
        if isinstance(known, str):
            found[film["folder"]] = known
        else:
            wanted[film["folder"]] = film["poster"]
    if wanted:
        with ThreadPoolExecutor(READERS) as pool:
            made = pool.map(lambda folder: _made(output, folder), wanted)
            for (folder, digest), (true_digest, picture) in zip(wanted.items(), made, strict=True):
                found[folder] = picture
                if true_digest == digest:
                    cache.remember(_key(digest), picture)
    return found


def _key(digest: str) -> str:
    return f"thumbnail:{VERSION}:{digest}"


def _made(output: Shelf, folder: str) -> tuple[str, str]:
    """The digest of the poster that lies there, and its thumbnail."""
    try:
        raw = output.read(f"{folder}/{POSTER}")
    except (OSError, TelesabaqError):
        raw = None  # a page without one picture is better than no page
    if raw is None:
        return "", ""
    return sha256(raw).hexdigest(), b64encode(_small(raw)).decode("ascii")


def _small(raw: bytes) -> bytes:
    from PIL import Image, ImageOps

    if len(raw) > MOST_BYTES:
        return b""
    try:
        with Image.open(io.BytesIO(raw), formats=["JPEG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return b""
            picture.draft("RGB", SIZE)
            small = ImageOps.fit(picture.convert("RGB"), SIZE)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return b""
    written = io.BytesIO()
    small.save(written, "WEBP", quality=QUALITY, method=METHOD)
    return written.getvalue()
