"""Outside hosts by how they are used (E9): an application works without a network, and tells nobody that it runs.

Code from outside can change after the check and do anything, so it is an error. What is shown from outside (styles,
pictures, frames) fails without a network and tells the host who is learning, but cannot act in the page: a warning.
Trackers are told by the rules on privacy and not again here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.checks.package import PackageSubject
from pipeline.checks.registry import Limits, rule
from pipeline.errors import Severity
from pipeline.package.model import Use
from pipeline.package.references import Link
from pipeline.package.resolve import is_private
from pipeline.reports.model import Finding

_HINTS = ("<link rel=preconnect", "<link rel=dns-prefetch", "<link rel=dns-prefetch preconnect")

_REPLACING = ("<meta", "location")
"""Constructs that put another page in the place of this one."""


@dataclass
class _Host:
    """A host in one use: the first place that is sure, and how many there are."""

    first: Link
    count: int = 0
    used: bool = False


@rule("HST-001")
def no_code_from_outside(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E8, E9: scripts, modules, workers and WebAssembly of other hosts."""
    dormant = tuple(limits["dormant"])
    for name, host in _hosts(package, "code").items():
        link = host.first
        asleep = link.from_script and link.reference.url.startswith(dormant)
        asleep = asleep and package.tree.size(link.file) >= limits["library_bytes"]
        severity: Severity | None = "note" if asleep else None if host.used else "warning"
        yield _finding(package, name, host, variant="dormant" if asleep else "", severity=severity)


@rule("HST-002")
def no_styles_from_outside(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E9: style sheets of other hosts, web fonts among them."""
    yield from _told(package, "style")


@rule("HST-003")
def no_media_from_outside(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E9: pictures, sounds, videos, fonts and data files of other hosts."""
    yield from _told(package, "media")


@rule("HST-004")
def no_connections_to_outside(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E9, E10: programs that fetch from other hosts or send to them."""
    loaded = {host for use in ("code", "style", "media", "frame") for host in _hosts(package, use)}
    for name, host in _hosts(package, "connects").items():
        hint = host.first.reference.how.startswith(_HINTS)
        if hint and (name in loaded or limits["companions"].get(name) in loaded):
            # Preparing the connection is part of the loading that is told already.
            continue
        yield _finding(package, name, host, variant="hint" if hint else "", severity="warning" if hint else None)


@rule("HST-005")
def no_forms_to_outside(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E10: forms that send what pupils write to other hosts."""
    yield from _told(package, "submits")


@rule("HST-006")
def no_pages_of_other_sites(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 4), E9: pages of other hosts in frames or by redirection; plain links are information."""
    for name, host in _hosts(package, "frame").items():
        replaced = host.first.reference.how.startswith(_REPLACING)
        severity: Severity | None = None if host.used else "warning"
        yield _finding(package, name, host, variant="replaced" if replaced else "", severity=severity)
    for name, host in _hosts(package, "link").items():
        yield _finding(package, name, host, variant="link", severity="note")


@rule("HST-007")
def no_addresses_of_own_machines(package: PackageSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (order-121 §45 4), E3): localhost and private addresses lead nowhere on a pupil's device."""
    found: dict[str, _Host] = {}
    for link in package.outside:
        if is_private(link.target.host):
            known = found.setdefault(link.target.host, _Host(link))
            known.count += 1
            if known.first.from_script and not link.from_script:
                known.first = link
    for name, host in found.items():
        plain = host.first.reference.use == "link"
        severity: Severity | None = "warning" if plain or host.first.from_script else None
        yield _finding(package, name, host, severity=severity)


def _told(package: PackageSubject, use: Use) -> Iterator[Finding]:
    for name, host in _hosts(package, use).items():
        yield _finding(package, name, host, severity=None if host.used else "warning")


def _hosts(package: PackageSubject, use: Use) -> dict[str, _Host]:
    """Public hosts that are used in this way, in the order of their first places."""
    found: dict[str, _Host] = {}
    for link in package.outside:
        if link.reference.use == use and not is_private(link.target.host):
            host = found.setdefault(link.target.host, _Host(link))
            host.count += 1
            if not host.used and link.file in package.useful:
                host.first, host.used = link, True
    return found


def _finding(
    package: PackageSubject, name: str, host: _Host, *, variant: str = "", severity: Severity | None = None
) -> Finding:
    link = host.first
    origin = f"//{name}" if link.target.relative else f"{link.target.scheme}://{name}"
    return Finding(
        variant=variant,
        measured=origin,
        severity=severity,
        place=package.place(link.file, link.reference.line, link.reference.column),
        fields={"host": name, "how": link.reference.how, "count": host.count, "url": link.reference.url[:200]},
    )
