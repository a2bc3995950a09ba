"""Sentences to sound: espeak-ng reads them one by one, pauses fill the planned length exactly."""

from __future__ import annotations

import io
import re
import subprocess
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 22_050
"""espeak-ng's own sample rate."""

Samples = npt.NDArray[np.float32]

TAIL = 0.8
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 1.3
SPEECH_LEVEL = 10 ** (-19 / 20)
PEAK = 10 ** (-2 / 20)


@dataclass(frozen=True, slots=True)
class Voice:
    """An espeak-ng voice. `respell` maps words it reads badly to spellings it reads well."""

    name: str
    words_a_minute: int
    pitch: int
    respell: Mapping[str, str]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Voice:
        return cls(raw["name"], raw["words_a_minute"], raw["pitch"], raw.get("respell", {}))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One caption's worth of speech. `board` and `shown` say what stands on the board from its first sound on."""

    text: str
    say: str
    pause: float
    board: int | None
    shown: int | None
    point: bool

    @classmethod
    def of(cls, raw: str | Mapping[str, Any]) -> Sentence:
        entry: Mapping[str, Any] = {"text": raw} if isinstance(raw, str) else raw
        unknown = set(entry) - {"text", "say", "pause", "board", "shown", "point"}
        if unknown:
            raise ValueError(f"{entry['text']}: {unknown}")
        shown = entry.get("shown")
        return cls(
            text=entry["text"],
            say=entry.get("say", entry["text"]),
            pause=entry.get("pause", 0.0),
            board=entry.get("board"),
            shown=shown,
            point=entry.get("point", shown is not None),
        )


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence with its place in the recording, in seconds."""

    sentence: Sentence
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    samples: Samples
    spoken: tuple[Spoken, ...]
    seconds: float
    pause: float

    def wav(self) -> bytes:
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((self.samples * 32767).astype("<i2").tobytes())
        return out.getvalue()

    def loudness(self, moment: float, span: float) -> float:
        """Root mean square of the sound around a moment, 0-1."""
        first = max(0, int((moment - span / 2) * RATE))
        piece = self.samples[first : first + int(span * RATE)]
        return float(np.sqrt(np.mean(piece**2))) if len(piece) else 0.0

    def vtt(self) -> str:
        cues = [f"{_stamp(each.start)} --> {_stamp(each.end)}\n{each.sentence.text}\n" for each in self.spoken]
        return "WEBVTT\n\n" + "\n".join(cues)


def record(sentences: Sequence[Sentence], voice: Voice, seconds: float, lead: float) -> Recording:
    """Speak `sentences` in exactly `seconds`, the first after `lead` seconds; the pauses share what is left.

    Raises ValueError, with the length that would fit, where the pauses would be hasty or tedious.
    """
    takes = [_take(sentence, voice) for sentence in sentences]
    tail = min(TAIL, lead)
    fixed = lead + tail + sum(len(take) for take in takes) / RATE + sum(each.pause for each in sentences)
    gaps = len(sentences) - 1
    pause = (seconds - fixed) / max(1, gaps)
    if not (SHORTEST_PAUSE if gaps else 0) <= pause <= LONGEST_PAUSE:
        fits = f"{fixed + gaps * SHORTEST_PAUSE:.1f}-{fixed + gaps * LONGEST_PAUSE:.1f}"
        raise ValueError(f"{sentences[0].text!r}...: {seconds} s planned, {fits} s would fit")
    sound = np.zeros(round(seconds * RATE), dtype=np.float32)
    spoken = []
    moment = lead
    for sentence, take in zip(sentences, takes, strict=True):
        first = round(moment * RATE)
        sound[first : first + len(take)] = take
        end = moment + len(take) / RATE
        spoken.append(Spoken(sentence, moment, end))
        moment = end + pause + sentence.pause
    return Recording(_levelled(sound), tuple(spoken), seconds, pause)


def _take(sentence: Sentence, voice: Voice) -> Samples:
    text = sentence.say
    for word, spelling in voice.respell.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}", spelling, text)
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.words_a_minute), "-p", str(voice.pitch)]
    done = subprocess.run(
        [*command, "--stdin", "--stdout"], input=text.encode(), capture_output=True, check=True, timeout=60
    )
    header = done.stdout.index(b"data") + 8
    sound = np.frombuffer(done.stdout[header : header + (len(done.stdout) - header) // 2 * 2], dtype="<i2")
    loud = np.flatnonzero(np.abs(sound) > 200)
    return sound[loud[0] : loud[-1] + 1].astype(np.float32) / 32768


def _levelled(sound: Samples) -> Samples:
    """Speech at one level in every recording; no sample above the peak."""
    active = sound[np.abs(sound) > 0.02]
    gain = SPEECH_LEVEL / float(np.sqrt(np.mean(active**2)))
    knee = PEAK * 0.8
    scaled = sound * gain
    over = np.abs(scaled) > knee
    bent = knee + (PEAK - knee) * np.tanh((np.abs(scaled) - knee) / (PEAK - knee))
    return np.where(over, np.sign(scaled) * bent, scaled).astype(np.float32)


def _stamp(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"00:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
