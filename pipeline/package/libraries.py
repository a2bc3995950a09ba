"""Well-known libraries (specs/known_libraries.yaml), told by the hash of a released file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from pipeline.specs import load_yaml, specs_folder

_HASH_CHARACTERS = 32


def known_library(data: bytes) -> str | None:
    """The name and version of the library a file is, byte for byte but for its line ends; None if it is none."""
    return _by_hash().get(fingerprint(data))


def fingerprint(data: bytes) -> str:
    """The first half of a SHA-256 over the content without a byte order mark, with LF line ends and no last one."""
    plain = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n")
    return sha256(plain).hexdigest()[:_HASH_CHARACTERS]


@cache
def _by_hash() -> Mapping[str, str]:
    listed = load_yaml(specs_folder() / "known_libraries.yaml")
    return {
        digest: f"{name} {version}"
        for name, versions in listed.items()
        for version, digests in versions.items()
        for digest in digests
    }
