"""How the gallery of a season begins, so that a check knows one of ours from an application.

Its content security policy stands before everything that could run, and lets nothing run but our own script; only
another `http-equiv` could still lead a reader away.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from pipeline.specs import LANGUAGES, specs_folder

TEMPLATE = "gallery.html"
MOST_BYTES = 64_000_000
"""Of a gallery; two thousand films take about ten million."""


def digest(script: str) -> str:
    """A script's SHA-256 as a content security policy writes it (base64)."""
    return b64encode(sha256(script.encode()).digest()).decode("ascii")


@cache
def openings() -> tuple[bytes, ...]:
    """The first bytes of a gallery in each language, up to the end of its policy."""
    template = (specs_folder() / "templates" / TEMPLATE).read_text(encoding="utf-8")
    script = template.partition("{% set script %}\n")[2].partition("{% endset %}")[0]
    opening = "<!doctype html>" + template.partition("<!doctype html>")[2].partition("<title>")[0]
    opening = opening.replace("{{ script|digest }}", digest(script))
    return tuple(opening.replace("{{ language }}", language).encode() for language in LANGUAGES)


def is_gallery(path: Path) -> bool:
    """Whether a page is a gallery that this version writes. False for what cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(max(map(len, openings())))
            if not head.startswith(openings()):
                return False
            rest = file.read(MOST_BYTES)
    except OSError:
        return False
    return len(rest) < MOST_BYTES and b"http-equiv" not in rest.lower()
