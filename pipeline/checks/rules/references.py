"""What the files of a package refer to: that it is there, spelt alike, and nothing dangerous (E4, E7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.checks.dangerous import DangerousName, dangerous_name
from pipeline.checks.executables import executable_content
from pipeline.checks.package import PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.errors import Severity
from pipeline.package.model import Use
from pipeline.package.payloads import is_data
from pipeline.package.references import Link, extension
from pipeline.package.resolve import Where, base_is_outside, below, is_private, site_without_scheme
from pipeline.reports.model import Finding

_SEVERITIES: Mapping[Use, Severity] = {
    "code": "error",
    "style": "error",
    "frame": "error",
    "media": "warning",
    "link": "warning",
    "submits": "warning",
    "connects": "warning",
}
"""How bad it is that something is not there. A page does not run without its code; a picture is only missed."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_SIGN = r"[^\s<>|*\"'`{}()\[\],;^$\\]"
"""A character of a file name with a path, and of no sentence, pattern or list."""
_FILE_NAME = re.compile(rf"(?:{_SIGN}*/(?![.]){_SIGN}*|[^\W_][\w-]*)\.{_SIGN}+")
_HOST_ALONE = re.compile(r"(?:[a-z]+:)?//[^/]*/?", re.I)
"""An address without a path names no file: "https://geogebra.app"."""

_MIME_TYPE = re.compile(r"(?:application|audio|chemical|font|image|message|model|multipart|text|video)/[\w.+-]+")
_HOLDS_A_FILE = re.compile(
    r"file|url|href|src|link|path|download|open|(?<!pay)load|doc|attach|resource|asset|exec|launch|setup|install|program",
    re.I,
)
_ARTICLES = {"wikipedia.org", "wiktionary.org", "wikibooks.org", "wikiversity.org", "wikisource.org", "wikiquote.org"}
"""Sites whose pages are named by their titles: https://ru.wikipedia.org/wiki/AUTOEXEC.BAT."""

_NEVER_LOADED = {"mention", "namespace"}
_HARMLESS_SCHEMES = {"about", "blob", "mailto", "tel", "sms", "javascript", "urn", "cid", "callto", "geo"}
_WRITTEN = " written by a script"
_GUESSES = {
    "location.href",
    "location.assign()",
    "location.replace()",
    "a.href",
    "element.href",
    "window.open()",
    "new URL()",
}
"""Constructs of scripts that work on any address they are given, as libraries do to take addresses apart."""
_EXTENSIONS = (
    "html htm js mjs css json xml svg png jpg jpeg gif webp avif bmp ico mp3 mp4 m4a m4v ogg ogv oga wav webm vtt "
    "wasm txt csv md woff woff2 ttf otf glb gltf obj atlas fnt zip data bin pdf"
)
_FILES = frozenset(_EXTENSIONS.split())
"""Extensions of files that scripts load."""


@dataclass
class _Group:
    first: Link
    severity: Severity
    count: int = 1


@rule("REF-001")
def what_is_referred_to_is_there(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (order-121 §45 4), E3, E4): every file that is loaded or linked to is in the package.

    One finding for each missing file, at the first place that asks for it. What libraries mention, what scripts put
    together, and files that no page uses are only noted or left out.
    """
    there = _stems(package)
    for each in _grouped(package, ("missing", "invalid"), lambda link: _asks_in_vain(link, there)):
        link = each.first
        variant = ""
        if link.target.kind == "invalid":
            variant = "no-address"
        elif site_without_scheme(link.reference.url):
            variant = "site"
        elif package.is_folder(link.target.name.removesuffix("/index.html")):
            variant = "folder"
        # A path that climbs too high is told as it is written: what a browser makes of it explains nothing.
        asked = link.reference.url.partition("?")[0].partition("#")[0] if link.target.above else link.target.name
        yield _finding(package, each, variant, target=asked[:200])


@rule("REF-002")
def names_are_spelt_alike(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (order-121 §45 4), E3): names agree letter by letter; only Windows forgives a wrong case."""
    for each in _grouped(package, ("case",), lambda _: True):
        link = each.first
        yield _finding(package, each, "", target=link.reference.url[:200], real=link.target.name)


@rule("REF-003")
def no_references_to_dangerous_files(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E7: program files refer to no file that E6 forbids, inside the package or outside."""
    seen: dict[str, _Group] = {}
    for link in package.links:
        if link.reference.use != "namespace" and _dangerous(link) is not None:
            known = seen.setdefault(link.reference.url, _Group(link, "error", 0))
            known.count += 1
    for each in seen.values():
        found = _dangerous(each.first)
        assert found is not None
        each.severity = found[1]
        yield _finding(package, each, "", target=each.first.reference.url[:200], extension=found[0])
    yield from _dangerous_strings(package, set(seen), frozenset(limits["words"]))


def _dangerous_strings(package: PackageSubject, told: set[str], words: frozenset[str]) -> Iterator[Finding]:
    """File names in scripts that are no known reference: "files/setup.exe" handed to a function of the author's."""
    for file, facts, _ in package.scripts:
        for text, line, column in facts.strings:
            if len(text) > 300 or not _like_a_file(text) or _HOST_ALONE.fullmatch(text):
                continue
            found = _dangerous_name(text.partition("?")[0].partition("#")[0])
            if found is None or (found.extension == ".com" and "/" not in text.split("://")[-1]):
                continue
            if found.extension in words and not _means_a_file(package, text, facts.holders.get(text, ())):
                continue
            # A piece of an address that is told already.
            if any(url.endswith(text) for url in told):
                continue
            told.add(text)
            yield Finding(
                variant="string",
                measured=text[:200],
                severity="warning" if found.severity == "warning" else None,
                place=package.place(file, line, column),
                fields={"target": text[:200], "extension": found.extension, "how": "string", "count": 1},
            )


def _means_a_file(package: PackageSubject, text: str, holders: Collection[str]) -> bool:
    """Whether a string whose ending is a word of its own ("comment.doc", "menu.app") names a file by how it is used:
    it has a path, it is kept or handed on as one, or there is such a file.
    """
    if "/" in text:
        return not _MIME_TYPE.fullmatch(text)
    return any(map(_HOLDS_A_FILE.search, holders)) or text in package.file_names


def _like_a_file(text: str) -> bool:
    """Whether a string is a file name with a path, or one that can be nothing else; no sentence, pattern or type."""
    return "." in text and _FILE_NAME.fullmatch(text) is not None


@rule("REF-004")
def no_paths_of_a_disk(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    r"""Project policy (order-121 §45 4), E3): `C:\...` and `file:` name files of the author's own computer."""
    for each in _grouped(package, ("disk",), lambda link: _dangerous(link) is None):
        yield _finding(package, each, "", target=each.first.reference.url[:200])


@rule("REF-005")
def outside_addresses_are_https(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: addresses of other sites begin with https://. What is loaded from there is told by HST rules."""
    seen: set[tuple[str, bool]] = set()
    for link in package.leading("outside"):
        target, use = link.target, link.reference.use
        if use in _NEVER_LOADED or is_private(target.host):
            continue
        key = (target.host, use == "link")
        if key in seen or (target.scheme in {"https", "wss"} and not target.relative):
            continue
        if not target.relative and target.scheme not in {"http", "ws", "ftp"}:
            continue
        seen.add(key)
        certain = use == "link" and not link.from_script
        yield Finding(
            variant="protocol-relative" if target.relative else "",
            measured=link.reference.url[:200],
            severity=None if certain else "note",
            place=package.place(link.file, link.reference.line, link.reference.column),
            fields={"host": target.host},
        )


@rule("REF-006")
def data_urls_carry_no_programs(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E6, E7: a data: URL hides no executable, archive or whole page from those who look at files."""
    for file, each in package.payloads:
        where = package.place(file, each.reference.line, each.reference.column)
        fields = {"how": each.reference.how, "mime": each.mime}
        program = executable_content(each.head, "")
        if program is not None or each.mime in limits["executable"]:
            yield Finding(variant="", measured=each.mime, place=where, fields=fields)
        elif each.reference.use in {"frame", "link"} and each.mime in limits["pages"]:
            yield Finding(variant="page", severity="warning", measured=each.mime, place=where, fields=fields)
        elif each.mime in limits["archives"] or each.head.startswith(b"PK\3\4"):
            yield Finding(variant="archive", severity="warning", measured=each.mime, place=where, fields=fields)
        elif each.size > limits["bytes"]:
            megabytes = round(each.size / 1_000_000, 1)
            yield Finding(variant="large", severity="note", measured=megabytes, place=where, fields=fields)


@rule("REF-007")
def no_schemes_of_other_programs(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (order-121 §45 4), E3, E8): addresses that start another program (intent:, ms-word:)."""
    for each in _grouped(package, ("other",), lambda link: _strange(link, limits["known"])):
        yield _finding(package, each, "", target=each.first.reference.url[:200], scheme=each.first.target.scheme)


@rule("REF-008")
def paths_stay_in_the_package(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (order-121 §45 4), E3): a path that climbs above the root, or begins at the root of the server,
    works only where the package happens to lie in the right place.
    """
    for each in _grouped(package, ("inside",), lambda link: link.target.above):
        each.severity = "warning"
        yield _finding(package, each, "", target=each.first.reference.url[:200])
    rooted = [link for link in package.leading("inside") if link.target.rooted and not link.from_script]
    if rooted:
        group = _Group(rooted[0], "note", len(rooted))
        yield _finding(package, group, "rooted", target=rooted[0].reference.url[:200])


def _grouped(package: PackageSubject, kinds: tuple[Where, ...], wanted: Callable[[Link], bool]) -> Iterator[_Group]:
    """The links in question by target, the worst severity of each."""
    order: tuple[Severity, ...] = ("note", "warning", "error")
    found: dict[tuple[str, str], _Group] = {}
    for link in package.leading(*kinds):
        if link.reference.use in _NEVER_LOADED or not wanted(link):
            continue
        key = (link.target.kind, link.target.name or link.reference.url)
        severity = _severity(package, link)
        known = found.get(key)
        if known is None:
            found[key] = _Group(link, severity)
        else:
            known.count += 1
            if order.index(severity) > order.index(known.severity):
                known.first, known.severity = link, severity
    yield from found.values()


def _severity(package: PackageSubject, link: Link) -> Severity:
    severity = _SEVERITIES.get(link.reference.use, "note")
    how = link.reference.how
    if link.file not in package.useful or how.startswith(("<img data-", "<source data-", "<iframe data-")):
        return "note"
    sure = how in {"import", "export from"} or not link.from_script
    if not sure and (how.endswith(_WRITTEN) or how in _GUESSES or extension(link.target.name) not in _FILES):
        # It may be the beginning of something, or a property that only shares its name with one of an element.
        return "note"
    if severity == "error" and (not sure or link.file not in package.used):
        return "warning"
    return severity


def _asks_in_vain(link: Link, there: Mapping[str, set[str]]) -> bool:
    target, reference = link.target, link.reference
    if target.kind == "invalid":
        return not link.from_script and reference.use != "connects" and base_is_outside(reference.url)
    if target.kind != "missing" or _dangerous(link) is not None:
        return False
    if link.from_script and reference.how.startswith(("import", "export")) and not reference.url.startswith((".", "/")):
        # A bare name is looked up in an import map, or was meant for a bundler.
        return False
    if reference.how == "@font-face":
        return target.name.rpartition(".")[0] not in there.get(link.file, set())
    return True


def _stems(package: PackageSubject) -> dict[str, set[str]]:
    """Fonts that are there, without extension, by style sheet: of several formats of one font any will do."""
    found: dict[str, set[str]] = {}
    for link in package.leading("inside"):
        if link.reference.how == "@font-face":
            found.setdefault(link.file, set()).add(link.target.name.rpartition(".")[0])
    return found


def _dangerous(link: Link) -> tuple[str, Severity] | None:
    """The extension and severity of what a link refers to, if that is a dangerous file."""
    target, url = link.target, link.reference.url
    if is_data(url) or target.kind not in {"inside", "case", "missing", "outside", "disk"}:
        return None
    path = target.name.partition("?")[0].partition("#")[0]
    if target.kind == "outside" and path.startswith("/wiki/") and below(target.host, _ARTICLES):
        return None
    found = _dangerous_name(path) if path.strip("/") else None
    if found is None or (found.extension == ".com" and target.kind == "missing" and site_without_scheme(url)):
        return None
    return found.extension, found.severity


def _dangerous_name(path: str) -> DangerousName | None:
    last = path.rpartition("/")[2]
    found: DangerousName | None = None
    # Of a name in plain letters only the extension counts, and a package has few different ones.
    if not _PLAIN_NAME.fullmatch(last):
        found = dangerous_name(path)
    elif "." in last:
        found = _by_extension(last.rpartition(".")[2])
    return found if found is not None and not found.in_hand else None


@lru_cache(maxsize=1024)
def _by_extension(extension: str) -> DangerousName | None:
    return dangerous_name(f"file.{extension}")


def _strange(link: Link, known: list[str]) -> bool:
    scheme = link.target.scheme
    if link.from_script and (link.reference.use not in {"link", "frame"} or scheme not in known):
        return False
    return scheme not in _HARMLESS_SCHEMES


def _finding(package: PackageSubject, group: _Group, variant: str, **fields: object) -> Finding:
    link = group.first
    return Finding(
        variant=variant,
        measured=link.reference.url[:200],
        severity=group.severity,
        place=package.place(link.file, link.reference.line, link.reference.column),
        fields={"how": link.reference.how, "count": group.count, **fields},
    )
