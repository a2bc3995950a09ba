"""Addresses as people write them: which carry secrets, and how they are shown.

A secret in an address would be read in journals, in records and by everyone who sees the command. People forget to
escape them, so a secret is also found where an address would not be read that way: `s3://key:se/cret@bucket`.
"""

from __future__ import annotations

import re
from pathlib import Path

WHOLE_PUTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "oci"})
"""Stores of objects: one appears whole with the last byte of its PUT. Their addresses name no ports."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z0-9+.:-]*)?):(/+)(.*)", re.DOTALL)
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/+[^\s\"'<>]+")
_PORT = re.compile(r"\d{0,5}")
_COLON = re.compile(":|%3a", re.IGNORECASE)
_QUERY = re.compile(r"\?[^/?]*=.*", re.DOTALL)
_SIGNED = re.compile(
    r"[?&;](?:sig|[^=&;/]*(?:signature|token|credential|secret|passw|pwd|key|auth)[^=&;/]*)=", re.IGNORECASE
)


def has_secret(address: str) -> bool:
    """Whether there is a password, a key or a signature in an address."""
    found = _ADDRESS.match(address)
    return found is not None and (_secret(found[1], found[3]) > 0 or _SIGNED.search(found[3]) is not None)


def masked(address: str) -> str:
    """The address without passwords and queries; what is none as it is."""
    found = _ADDRESS.match(address)
    if found is None:
        return address
    scheme, slashes, rest = found.groups()
    end = _secret(scheme, rest)
    if end:
        user = _COLON.split(rest[:end], maxsplit=1)
        rest = f"{user[0]}:***{rest[end:]}" if len(user) > 1 else f"***{rest[end:]}"
    return f"{scheme}:{slashes}{_QUERY.sub('?…', rest)}"


def masked_text(text: str) -> str:
    """A text with every address in it masked."""
    return _IN_TEXT.sub(lambda found: masked(found[0]), text)


def seen_from_here(path: str | Path) -> str:
    """An absolute path as the shortest one that leads there from here, where it lies below; anything else as it is."""
    found = Path(path)
    try:
        return found.relative_to(Path.cwd()).as_posix() if found.is_absolute() else str(path)
    except (OSError, ValueError):
        return str(path)


def _secret(scheme: str, rest: str) -> int:
    """How much of what comes after `://` a user with a secret takes: up to the `@`; 0 if there is none."""
    scheme = scheme.rpartition("::")[2].rpartition(":")[2].lower()
    authority, _, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if "@" in path and _is_cut_secret(scheme, host):
        return len(authority) + 1 + path.rindex("@")
    if at and (_COLON.search(user) or scheme in {"http", "https"}):
        return len(user)
    # A bucket has no colon in its name: somebody forgot the @.
    return len(authority) if scheme in WHOLE_PUTS and _is_cut_secret(scheme, host) else 0


def _is_cut_secret(scheme: str, host: str) -> bool:
    """Whether what stands for a host is the beginning of `user:se/cret@host`."""
    if host.startswith(("[", "arn:")):
        return False
    _, colon, port = host.partition(":")
    return bool(colon) and (scheme in WHOLE_PUTS or not _PORT.fullmatch(port))
