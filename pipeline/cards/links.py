"""Addresses on screen: a form that eyes can read and a QR code that phones can."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

LONGEST_SHOWN = 56
"""Characters of an address on screen; a longer one loses its middle."""

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_KEPT_BESIDE_LETTERS = frozenset("-_.~,()!'’·–—:")


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code's squares with its quiet zone: rows of "0" and "1" or empty ones; and the side of a square, in pixels."""

    rows: tuple[str, ...]
    module: int

    @property
    def side(self) -> int:
        """Pixels."""
        return self.module * len(self.rows)

    def data(self) -> dict[str, Any]:
        return {"rows": list(self.rows), "module": self.module}


def readable(url: str, can_show: Callable[[str], bool] = lambda _: True) -> str:
    """An address for eyes: no scheme, no "www.", percent and punycode decoded, the middle cut when long.

    `can_show` tells whether the fonts have a letter; others stay percent-encoded, and so does
    everything that could disguise the address (spaces, invisible and control characters, delimiters).
    """
    parts = urlsplit(url)
    host = _decode_host(parts.hostname or "")
    port = f":{port}" if (port := parts.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[2]) else ""
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    path = parts.path if tail else parts.path.rstrip("/")
    shown = host.removeprefix("www.") + port + _decode_percent(path + tail, can_show)
    return _shorten(shown, len(host.removeprefix("www.")))


@lru_cache(maxsize=256)
def qr_code(url: str, limit: int, module: int, quiet: int, *, drawn: bool = True) -> QrCode | None:
    """The code of a URL with squares as large as fit into `limit` pixels; None when they would be under `module`.

    Error correction is level M or better. Unless it is to be `drawn` its rows are empty: for its size nobody need try
    all masks, which takes ten times as long as the rest, and a card is looked at many times before it is drawn.
    """
    import segno

    try:
        code = segno.make_qr(url, error="m", boost_error=True, mask=None if drawn else 0)
    except segno.DataOverflowError:
        return None
    across = int(code.symbol_size(border=quiet)[0])
    if across * module > limit:
        return None
    if not drawn:
        return QrCode(("",) * across, limit // across)
    rows = tuple("".join("1" if dark else "0" for dark in row) for row in code.matrix_iter(border=quiet))
    return QrCode(rows, limit // across)


def _decode_host(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _decode_percent(text: str, can_show: Callable[[str], bool]) -> str:
    def decode(match: re.Match[str]) -> str:
        raw = bytes.fromhex(match[0].replace("%", ""))
        try:
            words = unicodedata.normalize("NFC", raw.decode("utf-8"))
        except UnicodeDecodeError:
            return match[0]
        return "".join(_shown(letter, can_show) for letter in words)

    return _ENCODED.sub(decode, text)


def _shown(letter: str, can_show: Callable[[str], bool]) -> str:
    plain = letter.isalnum() or letter in _KEPT_BESIDE_LETTERS
    if plain and can_show(letter):
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _shorten(shown: str, host: int) -> str:
    """Keeps the host (as far as it fits) and the end, which tells pages of one site apart."""
    if len(shown) <= LONGEST_SHOWN:
        return shown
    room = LONGEST_SHOWN - 1
    head = min(max(host + 1, room // 2), room - room // 4)
    return shown[:head] + "…" + shown[-(room - head) :]
