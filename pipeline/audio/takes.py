"""Turns each sound of the timeline into a voice ready to be mixed: decoded, cut, placed and brought to level."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pipeline.audio import draft, narration
from pipeline.audio.extract import Extract, extract
from pipeline.audio.mix import Voice
from pipeline.audio.pcm import PcmFile
from pipeline.errors import Problem, Severity
from pipeline.media.measure import measure_blocks
from pipeline.specs import HouseFormat
from pipeline.timecode import SAMPLE_RATE, clock, to_samples, to_seconds
from pipeline.timeline.model import Sound, Timeline

NEAR_SILENT = -60.0
"""LUFS: quieter material is noise, not a voice; raising it would only raise the noise."""

_SHORTER_BY = SAMPLE_RATE // 4
"""Sound that ends this much before its picture is worth a word; recorders often stop a few frames apart."""


@dataclass(frozen=True, slots=True)
class Take:
    """One sound of the timeline, prepared. `voice` is None where there is nothing to hear."""

    sound: Sound
    name: str
    voice: Voice | None = None
    loudness: float | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def speaks(self) -> bool:
        """Loud enough to be somebody's voice."""
        return self.voice is not None and self.loudness is not None and self.loudness > NEAR_SILENT


@dataclass(frozen=True, slots=True)
class TakeMaker:
    """Prepares takes in the temp folder `work`."""

    timeline: Timeline
    house: HouseFormat
    work: Path
    cancel: threading.Event | None

    def make(self, number: int, sound: Sound) -> Take:
        """The take of sound `number`. Raises MediaError when its file is not a media file."""
        if sound.kind == "draft" or sound.file is None:
            return self._draft(number, sound)
        if sound.kind == "clip":
            return self._clip(number, sound, sound.file)
        return self._narration(number, sound, sound.file, sound.source_start)

    def _draft(self, number: int, sound: Sound) -> Take:
        spoken = self.work / f"draft-{number}.wav"
        if not draft.speak(sound.text, self.timeline.language, spoken):
            # The missing program is told once for the whole film, by the caller.
            problems = (self._problem(sound, "audio.draft-failed"),) if draft.draft_available() else ()
            return Take(sound, _name(sound), problems=problems)
        return self._narration(number, sound, spoken, Fraction(0))

    def _clip(self, number: int, sound: Sound, file: Path) -> Take:
        wanted = self._length(sound)
        target = self.work / f"voice-{number}.f32"
        got = extract(file, sound.source_start, wanted, target, cancel=self.cancel)
        if got is None:
            return Take(sound, _name(sound), problems=(self._problem(sound, "audio.clip-without-sound"),))
        problems = self._damage(sound, got)
        missing = wanted - got.lead - got.pcm.samples
        if missing > _SHORTER_BY and (got.pcm.samples or not got.damaged):
            seconds = round(missing / SAMPLE_RATE, 1)
            problems += (self._problem(sound, "audio.shorter-than-picture", seconds=seconds),)
        return self._take(sound, got.pcm, to_samples(sound.start, self._fps) + got.lead, got.loudness, problems)

    def _narration(self, number: int, sound: Sound, file: Path, start: Fraction) -> Take:
        available_ms = int(to_seconds(sound.frames, self._fps) * 1000)
        longest = (available_ms + narration.LEADING_LIMIT_MS) * SAMPLE_RATE // 1000
        decoded = self.work / f"decoded-{number}.f32"
        got = extract(file, start, longest, decoded, cancel=self.cancel)
        if got is None or not got.pcm.samples:
            return Take(sound, _name(sound), problems=(self._problem(sound, "audio.unreadable"),))
        timed = has_cues(self.timeline, sound)
        fitted = narration.fit(got.pcm, available_ms, self.work / f"voice-{number}.f32", keep_start=timed)
        decoded.unlink()
        problems = self._damage(sound, got)
        if fitted.cut_ms:
            seconds = round(available_ms / 1000, 1)
            code = "audio.draft-trimmed" if sound.kind == "draft" else "audio.narration-trimmed"
            problems += (self._problem(sound, code, seconds=seconds),)
        loudness = measure_blocks(fitted.pcm.blocks(), timeout=600, cancel=self.cancel).integrated
        begin = to_samples(sound.start, self._fps) + fitted.start_ms * SAMPLE_RATE // 1000
        return self._take(sound, fitted.pcm, begin, loudness, problems)

    def _take(
        self, sound: Sound, pcm: PcmFile, start: int, loudness: float | None, problems: tuple[Problem, ...]
    ) -> Take:
        if not pcm.samples:
            return Take(sound, _name(sound), problems=problems)
        speaks = loudness is not None and loudness > NEAR_SILENT
        if not speaks:
            problems += (self._problem(sound, "audio.near-silent"),)
        gain = self.house.loudness - loudness if speaks and loudness is not None else 0.0
        voice = Voice(pcm, start, gain, self.house.fade_ms * SAMPLE_RATE // 1000)
        return Take(sound, _name(sound), voice, loudness, problems)

    def _damage(self, sound: Sound, got: Extract) -> tuple[Problem, ...]:
        if not got.damaged:
            return ()
        return (self._problem(sound, "audio.damaged" if got.pcm.samples else "audio.unreadable"),)

    def _length(self, sound: Sound) -> int:
        return to_samples(sound.start + sound.frames, self._fps) - to_samples(sound.start, self._fps)

    @property
    def _fps(self) -> Fraction:
        return self.timeline.structure.fps

    def _problem(self, sound: Sound, code: str, **fields: object) -> Problem:
        return voice_problem(self.timeline, sound, code, "warning", **fields)


def has_cues(timeline: Timeline, sound: Sound) -> bool:
    """Whether captions are timed to this sound."""
    fps = timeline.structure.fps
    start, stop = (to_seconds(frame, fps) * 1000 for frame in (sound.start, sound.start + sound.frames))
    return any(cue.start_ms < stop and cue.end_ms > start for cue in timeline.cues)


def voice_problem(timeline: Timeline, sound: Sound, code: str, severity: Severity, **fields: object) -> Problem:
    """A problem with one sound, naming it and its time in the film."""
    at = clock(to_seconds(sound.start, timeline.structure.fps))
    told = {"name": _name(sound), "at": at, "frame": sound.start, **fields}
    return Problem(code, sound.place, told, severity)


def _name(sound: Sound) -> str:
    return sound.file.name if sound.file is not None and sound.kind != "draft" else "draft"
