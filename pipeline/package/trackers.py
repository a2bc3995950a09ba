"""Trackers (specs/trackers.yaml): whose hosts, calls and measurement ids tell that people are followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.package.model import Call, ScriptFacts
from pipeline.specs import load_yaml, specs_folder

_LONGEST_ID = 300
_SHORTEST_WORD = 20
"""Shorter ids that are one word are no ids by themselves, and scripts are full of words."""

_KEPT_AS_ID = re.compile(r"measurement|tracking|analytics|gtag|container|\b(?:ga|gtm)_?id\b", re.I)


@dataclass(frozen=True, slots=True)
class TrackerCall:
    """A call that sets a tracker up. Arguments are matched whole; None: any, or none."""

    name: str
    arguments: tuple[re.Pattern[str] | None, ...]


@dataclass(frozen=True, slots=True)
class Tracker:
    """One service. `hosts` match themselves and everything below them."""

    id: str
    name: str
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]
    """Hosts with the beginning of a path, for hosts that do other things too."""
    files: tuple[str, ...]
    """Last parts of outside URLs, for services that people run on hosts of their own."""
    calls: tuple[TrackerCall, ...]
    ids: tuple[re.Pattern[str], ...]
    keys: tuple[re.Pattern[str], ...]
    """Ids that may be something else: they tell only beside other signs of the service."""


class TrackerCalls(Mapping[str, tuple[Tracker, TrackerCall]]):
    """Calls that set up trackers, by full name; `words` are the last parts of the names."""

    def __init__(self, calls: Mapping[str, tuple[Tracker, TrackerCall]]) -> None:
        self._calls = calls
        self.words = frozenset(name.rpartition(".")[2] for name in calls)

    def __getitem__(self, name: str) -> tuple[Tracker, TrackerCall]:
        return self._calls[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)


@cache
def trackers() -> tuple[Tracker, ...]:
    """Every tracker of the list."""
    entries = load_yaml(specs_folder() / "trackers.yaml")["trackers"]
    return tuple(
        Tracker(
            id=id_,
            name=entry["name"],
            hosts=tuple(entry.get("hosts", ())),
            addresses=tuple(entry.get("addresses", ())),
            files=tuple(entry.get("files", ())),
            calls=tuple(_call(name, wanted or ()) for name, wanted in entry.get("calls", {}).items()),
            ids=tuple(re.compile(each) for each in entry.get("ids", ())),
            keys=tuple(re.compile(each) for each in entry.get("keys", ())),
        )
        for id_, entry in entries.items()
    )


def _call(name: str, wanted: list[str | None] | tuple[()]) -> TrackerCall:
    return TrackerCall(name, tuple(re.compile(each) if each else None for each in wanted))


@cache
def tracker_calls() -> TrackerCalls:
    """The calls of all trackers."""
    return TrackerCalls({call.name: (each, call) for each in trackers() for call in each.calls})


@cache
def _by_host() -> Mapping[str, Tracker]:
    return {host: each for each in trackers() for host in each.hosts}


@cache
def _by_address() -> Mapping[str, tuple[tuple[str, Tracker], ...]]:
    """Addresses by their hosts."""
    found: dict[str, tuple[tuple[str, Tracker], ...]] = {}
    for each in trackers():
        for address in each.addresses:
            host = address.partition("/")[0]
            found[host] = (*found.get(host, ()), (address, each))
    return found


@cache
def _by_file() -> Mapping[str, Tracker]:
    return {file: each for each in reversed(trackers()) for file in each.files}


def _of_host(host: str) -> Tracker | None:
    labels = host.lower().rstrip(".").split(".")
    for start in range(len(labels)):
        found = _by_host().get(".".join(labels[start:]))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=65_536)
def tracker_of_url(url: str) -> Tracker | None:
    """The tracker an absolute (or protocol-relative) URL talks to; None for every other URL."""
    from ada_url import URL

    stripped = url.strip()
    if "//" not in stripped[:8].replace("\\", "/"):
        return None
    try:
        parsed = URL(stripped, "https://package.invalid/")
    except ValueError:
        return None
    host = parsed.hostname.lower().rstrip(".")
    if not host or host == "package.invalid":
        return None
    return _of_host(host) or _of_address(host + parsed.pathname) or _of_file(parsed.pathname)


def _of_address(address: str) -> Tracker | None:
    bare = address.removeprefix("www.")
    for start, tracker in _by_address().get(bare.partition("/")[0], ()):
        if (
            bare == start
            or bare.startswith((start + "/", start + "?"))
            or (start.endswith("/") and bare.startswith(start))
        ):
            return tracker
    return None


def _of_file(path: str) -> Tracker | None:
    return _by_file().get(path.rpartition("/")[2].lower())


def set_up_by(call: Call) -> Tracker | None:
    """The tracker that a call sets up; None for a call that only looks like one."""
    known = tracker_calls()
    name = next((each for each in known if call.name == each or call.name.endswith(f".{each}")), None)
    if name is None:
        return None
    tracker, wanted = known[name]
    given = (call.argument, *call.more, None, None, None)
    matches = all(
        pattern is None or (value is not None and pattern.fullmatch(value))
        for pattern, value in zip(wanted.arguments, given, strict=False)
    )
    return tracker if matches else None


def may_be_id(word: str) -> bool:
    """Whether a string that is but one word may be a measurement id."""
    return len(word) >= _SHORTEST_WORD and _any_id().fullmatch(word) is not None


def ids_in(facts: ScriptFacts) -> Iterator[tuple[Tracker, str, int, int, bool]]:
    """Measurement ids among the strings of a script, with their places, and whether they tell by themselves."""
    any_id = _any_id()
    for text, line, column in facts.strings:
        if len(text) < _LONGEST_ID and any_id.fullmatch(text):
            for tracker in trackers():
                if any(pattern.fullmatch(text) for pattern in tracker.ids):
                    yield tracker, text, line, column, True
                elif any(pattern.fullmatch(text) for pattern in tracker.keys):
                    kept = any(map(_KEPT_AS_ID.search, facts.holders.get(text, ())))
                    yield tracker, text, line, column, kept


@cache
def _any_id() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern.pattern})" for each in trackers() for pattern in (*each.ids, *each.keys)))
