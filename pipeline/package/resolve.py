"""Where a URL in a package leads, as a browser would have it (WHATWG URL)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

HOST = "package.localhost"
"""Where the package is thought to be served: URLs of this host are its own."""

_ORIGIN = f"http://{HOST}/"
_NETWORK = {"http", "https", "ws", "wss", "ftp", "stun", "stuns", "turn", "turns"}
_START = "index.html"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|[A-Za-z]\|[\\/]|\\\\[^\\/]")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%|\[\[|\{%|\{[\w.]*\}|<\?|%[sd](?![0-9A-Fa-f])")
_SITE_WITHOUT_SCHEME = re.compile(
    r"(?:www\.[\w-]+(?:\.[\w-]+)*|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|kz|ru|gov|edu))(?:[/?#].*)?", re.I
)
_LONGEST_URL = 16_384
_PLAIN = re.compile(r"(?:\.{1,2}/)*(?:[\w-][\w.-]*/)*[\w-][\w.-]*", re.ASCII)

Where = Literal["inside", "case", "missing", "outside", "data", "disk", "other", "invalid", "nothing"]
"""inside: a file of the package; case: one whose name differs only in case or Unicode form; missing: a file that is
not there; outside: a host; data: the URL carries its content; disk: a file of somebody's machine; other: another
scheme; invalid: no URL at all; nothing: empty, a fragment of the same page, or a template to be filled in."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a URL leads. `name` is the file inside: the one asked for, or for `case` the one that there is."""

    kind: Where
    name: str = ""
    scheme: str = ""
    host: str = ""
    above: bool = False
    """The path climbs above the package's root, where a browser stops."""
    rooted: bool = False
    """The path begins at the root of the server, wherever the package lies on it."""
    relative: bool = False
    """It names a host but no scheme ("//host/x")."""


class Resolver:
    """Resolves URLs against the files of one package."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._names = frozenset(self.names)
        self._folded = {_folded(name): name for name in sorted(self._names, reverse=True)}
        self._folders = {folder for name in self._names for folder in _folders(name)} | {""}
        self._parsed = lru_cache(maxsize=16_384)(self._resolve)

    def resolve(self, file: str, url: str, base: str | None = None) -> Resolved:
        """Where `url` in `file` leads. `base` is the page's <base href>, itself relative to the file."""
        # Nine of ten references are plain relative paths to files that are there; these need no URL parser.
        if base is None and _PLAIN.fullmatch(url):
            path = _joined(file, url)
            if path in self._names:
                return Resolved("inside", path)
        return self._parsed(file, url, base)

    def _resolve(self, file: str, url: str, base: str | None) -> Resolved:
        from ada_url import URL

        url = _stripped(url)
        early = _without_parsing(url)
        if early is not None:
            return early
        try:
            start = URL(base, address_of(file)).href if base else address_of(file)
        except ValueError:
            start = address_of(file)
        try:
            parsed = URL(url, start)
        except ValueError:
            return Resolved("nothing") if _TEMPLATE.search(url) else Resolved("invalid", name=url)
        scheme = parsed.protocol.removesuffix(":")
        if scheme not in _NETWORK:
            return Resolved("other", scheme=scheme)
        host = parsed.hostname
        if host != HOST:
            if _TEMPLATE.search(host) or not host:
                return Resolved("nothing")
            relative = url.replace("\\", "/").startswith("//")
            return Resolved("outside", parsed.pathname, scheme, host, relative=relative)
        return self._inside(url, parsed.pathname, URL(start).pathname)

    def _inside(self, url: str, pathname: str, start: str) -> Resolved:
        path = decoded(pathname).lstrip("/")
        above = not base_is_outside(url) and _climbs(url, start)
        rooted = url.replace("\\", "/").startswith("/")
        asked = path
        if path in self._folders or path.endswith("/"):
            asked = f"{path.rstrip('/')}/{_START}".lstrip("/")
        if path in self._names:
            return Resolved("inside", path, above=above, rooted=rooted)
        if asked in self._names:
            return Resolved("inside", asked, above=above, rooted=rooted)
        if _TEMPLATE.search(url):
            return Resolved("nothing")
        other = self._folded.get(_folded(asked))
        if other is not None:
            return Resolved("case", other, above=above, rooted=rooted)
        return Resolved("missing", asked, above=above, rooted=rooted)

    def is_folder(self, name: str) -> bool:
        """Whether the package has files under this name and a slash."""
        return name.rstrip("/") in self._folders


def _joined(file: str, url: str) -> str | None:
    """The path of a plain relative URL; None for one that climbs above the root."""
    folder = file.split("/")[:-1]
    while url.startswith("."):
        step, _, url = url.partition("/")
        if step == "..":
            if not folder:
                return None
            folder.pop()
    return "/".join([*folder, url])


def address_of(file: str) -> str:
    """The URL under which a file of the package is served."""
    return _ORIGIN + quote(file)


def base_is_outside(url: str) -> bool:
    """Whether a URL names its host itself."""
    return "//" in url.replace("\\", "/")[:10]


def site_without_scheme(url: str) -> bool:
    """Whether a relative URL is really a site's name whose "https://" was forgotten ("www.example.kz/page")."""
    return _SITE_WITHOUT_SCHEME.fullmatch(url.strip()) is not None


@lru_cache(maxsize=16_384)
def is_private(host: str) -> bool:
    """Whether a host is somebody's own machine or network: localhost, 192.168.x.x, a name without a dot."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        address = ip_address(bare)
    except ValueError:
        return "." not in bare or bare.endswith((".localhost", ".local", ".lan", ".internal", ".home.arpa"))
    return not address.is_global


def below(host: str, hosts: Collection[str]) -> bool:
    """Whether a host is one of these, or belongs to one of them."""
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels)))


def decoded(path: str) -> str:
    """A URL's path as a file name: percent signs that introduce nothing stay, bytes are UTF-8."""
    return unquote_to_bytes(path).decode("utf-8", errors="replace")


def _stripped(url: str) -> str:
    """As browsers begin: no white space around, no tabs and line breaks inside."""
    return url.strip("".join(map(chr, range(0x21)))).translate({9: None, 10: None, 13: None})


def _without_parsing(url: str) -> Resolved | None:
    """The verdict on URLs that need no parsing."""
    if not url or url.startswith("#"):
        return Resolved("nothing")
    if url[:5].lower() == "data:":
        return Resolved("data", scheme="data")
    if url[:5].lower() == "file:" or _DRIVE.match(url):
        return Resolved("disk", name=url[:200], scheme="file")
    if len(url) > _LONGEST_URL:
        return Resolved("invalid", name=url[:200])
    if _TEMPLATE.match(url):
        return Resolved("nothing")
    return None


def _climbs(url: str, start: str) -> bool:
    """Whether "../" goes on where the root is reached already."""
    path = re.split(r"[?#]", url.replace("\\", "/"), maxsplit=1)[0]
    level = 0 if path.startswith("/") else start.count("/") - 1
    for part in path.split("/"):
        plain = part.lower().replace("%2e", ".")
        if plain == "..":
            level -= 1
            if level < 0:
                return True
        elif plain not in {"", "."}:
            level += 1
    return False


def _folders(name: str) -> Iterable[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
