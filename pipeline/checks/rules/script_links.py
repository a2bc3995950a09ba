"""Lesson scripts: where their links lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.checks.dangerous import dangerous_name, read_as
from pipeline.checks.registry import Limits, rule
from pipeline.checks.rules.script import told
from pipeline.checks.script import ScriptSubject
from pipeline.checks.script_text import is_latin
from pipeline.errors import Place
from pipeline.reports.model import Finding
from pipeline.specs import load_yaml, specs_folder


@rule("SCR-016")
def links_are_web_addresses(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (A6, A7): http or https, no user names and passwords, short enough for a code on screen."""
    yield from told(script.problems("SCR-016"))
    yield from told(each for each in script.card_problems if each.code == "cards.url-too-long")
    for url, place in _links(script):
        host = (urlsplit(url).hostname or "").rstrip(".")
        if _is_closed(host, limits["closed"]):
            yield Finding(variant="closed", place=place, measured=url[:120], fields={"host": host[:80]})
        elif label := next(filter(_is_mixed, host.split(".")), None):
            yield Finding(variant="mixed", place=place, measured=url[:120], fields={"name": label[:80]})
        elif label := _imitation(host):
            fields = {"name": label[:80], "seen": read_as(label)[:80]}
            yield Finding(variant="imitation", severity="warning", place=place, measured=url[:120], fields=fields)


def _is_closed(host: str, closed: list[str]) -> bool:
    """Whether a host is found in one network or on one computer only: a private number, or a name without a domain."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        last = host.rpartition(".")[2]
        # Browsers read a name that ends in a number as a number: 3232235777, 0x7f.1.
        return "." not in host or last in closed or last[:1].isdigit()


def _is_mixed(label: str) -> bool:
    """Whether one step of a host's name is of two alphabets that look alike, which no registry hands out."""
    label = _shown(label)
    return any(map(is_latin, label)) and any("\u0370" <= letter <= "\u04ff" for letter in label)


def _imitation(host: str) -> str:
    """A step of a name of the Latin internet, all of whose letters are others that look Latin; empty where none is."""
    *labels, last = map(_shown, host.split("."))
    imitated = (each for each in labels if not each.isascii() and read_as(each).isascii())
    return next(imitated, "") if last.isascii() else ""


def _shown(label: str) -> str:
    """One step of a host's name as a browser may show it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode().decode("punycode")
    except UnicodeError:
        return label


@rule("SCR-017")
def links_show_where_they_lead(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (A7): no link shorteners, and none of the pages that lead on from search results and messages."""
    for url, place in _links(script):
        host = (urlsplit(url).hostname or "").rstrip(".")
        known = next((each for each in _shorteners() if host == each or host.endswith(f".{each}")), None)
        if known:
            yield Finding(place=place, measured=url[:120], fields={"host": known})
        elif _target(url) is not None:
            yield Finding(variant="redirector", place=place, measured=url[:120], fields={"host": host[:80]})


def _target(url: str) -> str | None:
    """Where a link through a redirector leads, empty when that cannot be read; None for a link of any other sort."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    for each in _redirectors():
        known = any(host == name or host.endswith(f".{name}") for name in each["hosts"])
        if known and (parts.path or "/").startswith(each["path"]):
            return next((value for key, value in parse_qsl(parts.query) if key in each["keys"]), "")
    return None


@cache
def _redirectors() -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = load_yaml(specs_folder() / "redirectors.yaml")
    return found


@cache
def _shorteners() -> frozenset[str]:
    return frozenset(load_yaml(specs_folder() / "shorteners.yaml"))


@rule("SCR-018")
def links_lead_to_nothing_dangerous(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy, after order-121 §45 4), E6: no link to a file that may be run or carry a program."""
    for url, place in _links(script):
        for name in (*_files_of(url), *_files_of(_target(url) or "")):
            found = dangerous_name(name)
            if found is not None and not found.in_hand and found.extension not in limits["pages"]:
                fields = {"file": name[:80], "extension": found.extension}
                yield Finding(place=place, severity=found.severity, measured=url[:120], fields=fields)
                break


def _files_of(url: str) -> Iterator[str]:
    """Names that a link would download: its last step, and values of its query. Addresses inside of it are none."""
    parts = urlsplit(url)
    written = [unquote(parts.path), *(value for _, value in parse_qsl(parts.query))]
    names = (each.replace("\\", "/").rpartition("/")[2] for each in written if "://" not in each)
    # A server takes what stands behind a semicolon for a parameter of the step.
    return (name.partition(";")[0].strip() for name in names)


def _links(script: ScriptSubject) -> Iterator[tuple[str, Place]]:
    lesson = script.lesson
    for reference in (*lesson.resources, *lesson.links):
        yield reference.url, script.shown_place(reference.place)
