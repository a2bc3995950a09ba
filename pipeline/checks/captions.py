"""A captions file as a subject: its cues, each with the line it stands on."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from glob import escape
from pathlib import Path
from typing import Any

from pipeline.checks.kinds import claimed
from pipeline.checks.subject import Blocked, Kind, Subject
from pipeline.errors import MediaError, Place
from pipeline.timeline.captions import MAX_BYTES

READABLE = "CAP-001"

_VTT_CLOCK = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_SRT_CLOCK = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?"
_TIMING = {
    form: re.compile(rf"\s*{clock}\s*-->\s*{clock}(?:\s.*)?")
    for form, clock in (("vtt", _VTT_CLOCK), ("srt", _SRT_CLOCK))
}
_MEANT_AS_TIMING = re.compile(
    r"\s*\d[\d:.,]{2,15}:\d[\d.,]{0,9}\s*[-–—=]{1,3}\s?>?\s*\d[\d:.,]{2,20}(?:\s.*)?"
    r"|\s*\d{1,2}:\d\d[.,]\d{1,3}\s*-{1,3}\s?>\s*\d[\d:.,]{2,20}(?:\s.*)?"
)
"""Without hours only with an arrow: hours of a timetable ("9:00 - 9:45") are words."""
_NOT_CUES = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")
_HEAD = re.compile(r"WEBVTT(?:\s|$)")
_NUMBER = re.compile(r"\s*\d+\s*")
_LANGUAGE = re.compile(r"[.-](?:kk|kz|ru|en)$", re.IGNORECASE)

_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_DRAWS = re.compile(r"\{[^{}]*\\p[1-9]")
_MARK = re.compile(r"&(amp|lt|gt|nbsp|lrm|rlm);")
_MARKS = {"amp": "&", "lt": "<", "gt": ">", "nbsp": " ", "lrm": "", "rlm": ""}


@dataclass(frozen=True, slots=True)
class Caption:
    """One cue as written. Milliseconds of the file's own clock."""

    start_ms: int
    end_ms: int
    text: str
    """What is read on screen: no tags; lines as the author broke them."""
    line: int
    track: str = ""
    """Where a form can show several at once on purpose: which of them."""

    @property
    def characters(self) -> int:
        """Without line breaks, as reading counts them."""
        return len(self.text.replace("\n", " "))


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a file or a line of it from being read: a variant of CAP-001 or CAP-002, and the line."""

    variant: str
    line: int = 0
    found: str = ""


class CaptionsSubject(Subject):
    """A .vtt, .srt or .ass file."""

    @cached_property
    def fault(self) -> Fault | None:
        """Why the file cannot be read as captions; None when it can."""
        return self._decoded[1] or self._wrong_form() or (None if self._cues or self._bad_timings else Fault("empty"))

    @cached_property
    def _decoded(self) -> tuple[str, Fault | None]:
        if self.size > MAX_BYTES:
            return "", Fault("too-big")
        data = self.path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
            return "", Fault("encoding", 0 if wide else data.count(b"\n", 0, error.start) + 1)
        if "\0" in text:
            return "", Fault("encoding", text.count("\n", 0, text.index("\0")) + 1)
        return text.replace("\r\n", "\n").replace("\r", "\n"), None

    def _wrong_form(self) -> Fault | None:
        """A file whose first words say another form than its name."""
        text = self._decoded[0]
        if self.form == "vtt" and not _HEAD.match(text):
            return Fault("not-vtt", 1)
        if self.form != "vtt" and _HEAD.match(text.lstrip()):
            return Fault("vtt", 1)
        return None

    @cached_property
    def form(self) -> str:
        """What the name claims: "vtt", "ass", and for every other name "srt"."""
        ending = self.name.rpartition(".")[2].lower()
        return {"vtt": "vtt", "ass": "ass", "ssa": "ass"}.get(ending, "srt")

    @property
    def captions(self) -> list[Caption]:
        """The cues in the order of the file. Raises Blocked when there are none to judge."""
        if self.fault is not None:
            raise Blocked(READABLE)
        return self._cues

    @property
    def timed(self) -> list[Caption]:
        """The cues that last, in the order they are shown. Raises Blocked."""
        return sorted((cue for cue in self.captions if cue.end_ms > cue.start_ms), key=lambda cue: cue.start_ms)

    @cached_property
    def _cues(self) -> list[Caption]:
        return self._parsed[0]

    @cached_property
    def _bad_timings(self) -> list[Fault]:
        return self._parsed[1]

    @property
    def bad_timings(self) -> list[Fault]:
        """Lines with an arrow that are no timing. Raises Blocked."""
        if self.fault is not None:
            raise Blocked(READABLE)
        return self._bad_timings

    @cached_property
    def _parsed(self) -> tuple[list[Caption], list[Fault]]:
        if self._decoded[1] is not None:
            return [], []
        return _substation(self._decoded[0]) if self.form == "ass" else _blocks(self._decoded[0], self.form)

    @cached_property
    def spoken(self) -> tuple[str, float] | None:
        """The film or sound called like the captions and lying beside them: its name and its seconds."""
        stem = self.path.with_suffix("").name
        for name in (stem, _LANGUAGE.sub("", stem)):
            beside = sorted(self.path.parent.glob(f"{escape(name)}.*"))
            for kind in (Kind.VIDEO, Kind.SOUND):
                for path in beside:
                    if claimed(path.name) is kind and path.is_file() and not path.is_symlink():
                        return _length(path)
        return None

    def place(self, line: int) -> Place:
        return Place(self.task.file.shown, line, 1 if line else 0)

    def facts(self) -> Mapping[str, Any]:
        if "_parsed" not in self.__dict__ or not self._cues:
            return {}
        return {"captions": len(self._cues), "seconds": max(cue.end_ms for cue in self._cues) / 1000}


def _length(path: Path) -> tuple[str, float] | None:
    """None for a file that cannot be measured: its own report says why."""
    from pipeline.media.probe import probe

    try:
        return path.name, float(probe(path, decode_end=False).duration)
    except MediaError:
        return None


def _blocks(text: str, form: str) -> tuple[list[Caption], list[Fault]]:
    """The cues of SubRip or WebVTT: blocks divided by blank lines, each with one timing and text under it."""
    cues: list[Caption] = []
    faults: list[Fault] = []
    for first, block in _divided(text):
        if form == "vtt" and _NOT_CUES.fullmatch(block[0]):
            continue
        matches = [(at, _TIMING[form].fullmatch(line)) for at, line in enumerate(block)]
        timings = [(at, match) for at, match in matches if match or _MEANT_AS_TIMING.fullmatch(block[at])]
        ends = [at for at, _ in timings[1:]] + [len(block)]
        for (at, match), end in zip(timings, ends, strict=False):
            if match is None:
                faults.append(Fault("timing", first + at, block[at].strip()[:60]))
                continue
            # Without a blank line between them the next cue's number hangs on to this one's text.
            glued = end < len(block) and end > at + 1 and _NUMBER.fullmatch(block[end - 1])
            said = block[at + 1 : end - 1 if glued else end]
            cues.append(Caption(*_times(match), _plain(said), first + at))
    return cues, faults


def _divided(text: str) -> Iterator[tuple[int, list[str]]]:
    """Blocks of lines that are not blank, with the number of their first line."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _times(match: re.Match[str]) -> tuple[int, int]:
    return _milliseconds(*match.groups()[:4]), _milliseconds(*match.groups()[4:])


def _milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "").ljust(3, "0"))


def _plain(lines: list[str]) -> str:
    bare = (_MARK.sub(lambda mark: _MARKS[mark[1]], _TAG.sub("", line)) for line in lines)
    return "\n".join(line for line in (" ".join(each.split()) for each in bare) if line)


def _substation(text: str) -> tuple[list[Caption], list[Fault]]:
    """The cues of SubStation Alpha. Lines that draw instead of saying something are left out."""
    import pysubs2

    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith("Dialogue:")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = pysubs2.SSAFile.from_string(text, format_="ass")
    except Exception:
        # The library lets out whatever its parsing stumbles over; what cannot be read has no cues.
        return [], []
    events = [event for event in read.events if event.type == "Dialogue"]
    places = lines if len(lines) == len(events) else [0] * len(events)
    return [
        Caption(event.start, event.end, _plain(event.plaintext.split("\n")), line, f"{event.layer} {event.style}")
        for event, line in zip(events, places, strict=True)
        if not _DRAWS.search(event.text)
    ], []
