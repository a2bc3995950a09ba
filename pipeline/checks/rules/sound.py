"""Rules of sounds (order-121 §45 1), C2)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.dangerous import dangerous_name
from pipeline.checks.endings import doubled, ending, require_harmless
from pipeline.checks.registry import Limits, rule
from pipeline.checks.sound import SoundSubject, decibels
from pipeline.checks.subject import NotApplicable
from pipeline.media.hidden import begins, harmful, hidden_tail, hidden_within, stray
from pipeline.media.id3 import Kept
from pipeline.media.riff import Chunk, Wave
from pipeline.reports.model import Finding
from pipeline.timecode import tenths

_RUN_BY_WINDOWS = (".js",)
"""Applications are made of it, so it is no dangerous name elsewhere; kept in a sound it is only for a double click."""

_LONGEST_NAME = 60
_LARGEST_FORM = 64
"""Bytes of a `fmt ` chunk, of all formats that there are."""


@rule("SND-001")
def mp3_or_wav(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C2: the content is MP3 or WAV, whatever the name says."""
    if (disguise := sound.disguise) is not None:
        yield Finding(variant=disguise.variant, measured=disguise.name, expected="MP3, WAV")


@rule("SND-002")
def name_agrees(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C2: the name ends as the content is: .mp3 or .wav."""
    expected = {"MP3": ".mp3", "WAV": ".wav"}[sound.format]
    require_harmless(sound.name)
    if ending(sound.name) != expected:
        written = ending(sound.name)
        variant = "" if written else "none"
        yield Finding(variant=variant, measured=written, expected=expected, fields={"format": sound.format})
    elif inner := doubled(sound.name, limits["doubled"]):
        yield Finding(variant="doubled", measured=inner + expected, expected=expected, severity="warning")


@rule("SND-003")
def not_too_large(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C2: at most 100 MB of 1,000,000 bytes."""
    if sound.size > limits["bytes"]:
        yield Finding(measured=-(-sound.size // 100_000) / 10, expected=limits["bytes"] / 1e6)


@rule("SND-004")
def whole(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: nothing is cut off, by the file's own word, and it holds sound."""
    if sound.impossible:
        yield Finding(variant="header", fields={"channels": sound.wave.channels, "rate": sound.wave.rate})
    elif sound.missing:
        yield Finding(measured=max(1, round(sound.missing * 100)), expected=0)
    elif sound.without_sound:
        yield Finding(variant="empty", measured=0)
    elif sound.frames is not None and sound.frames.broken_end:
        yield Finding(variant="last-frame", measured=round(float(sound.frames.seconds), 2), severity="warning")


@rule("SND-005")
def decodes(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the decoder gets through to the end, and the frames of an MP3 follow each other without holes."""
    frames = sound.frames
    decoded = sound.decoded
    if decoded.failed_at is not None or not decoded.samples:
        yield Finding(measured=round(float(decoded.failed_at or 0), 2))
    elif frames is not None and frames.junk > limits["junk_bytes"]:
        at = frames.junk_at * frames.first.samples / frames.first.rate
        yield Finding(variant="hole", measured=round(at, 2), fields={"bytes": frames.junk})


@rule("SND-006")
def length_agrees(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the length a file declares (Xing, Info, VBRI; size of WAV data) is the length it has."""
    sound.require_whole()
    if sound.format == "WAV":
        yield from _wave_length(sound, limits)
        return
    frames = sound.frames
    assert frames is not None
    step = frames.first.samples / frames.first.rate
    if frames.declared:
        stated = frames.declared * step
        if abs(stated - frames.seconds) > max(limits["seconds"], limits["share"] * frames.seconds):
            yield Finding(measured=tenths(frames.seconds), expected=tenths(stated))
    elif frames.varies:
        # Without a header players reckon with the bit rate of the first frame.
        stated = frames.bytes * 8 / frames.first.bit_rate
        if abs(stated - frames.seconds) > max(limits["seconds"], limits["guessed_share"] * frames.seconds):
            measured, expected = tenths(frames.seconds), tenths(stated)
            yield Finding(variant="guessed", measured=measured, expected=expected, severity="warning")
    else:
        raise NotApplicable


def _wave_length(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    wave = sound.wave
    assert wave.data is not None
    rate = wave.bytes_per_second or wave.rate * wave.block
    real = wave.held / rate if rate else 0.0
    if wave.lies:
        true = wave.held / (wave.rate * wave.block)
        fields = {"rate": wave.rate, "stated": wave.bytes_per_second}
        yield Finding(variant="rate", measured=tenths(true), expected=tenths(real), fields=fields)
    elif wave.unfinished:
        yield Finding(variant="unfinished", measured=tenths(real), severity="warning")
    elif behind := _goes_on(wave, limits):
        yield Finding(measured=tenths(real + behind), expected=tenths(real))


def _goes_on(wave: Wave, limits: Limits) -> float:
    """Seconds for which the sound of a WAV goes on where the header says it ends; 0 for what may be anything."""
    rate = wave.bytes_per_second or wave.rate * wave.block
    if wave.foreign is None or wave.data is None or not rate or wave.chunks[-1] is not wave.data:
        return 0.0
    behind = (wave.size - wave.data.end) / rate
    return behind if behind > max(limits["seconds"], limits["share"] * wave.held / rate) else 0.0


@rule("SND-007")
def audible(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: there is something to hear; a peak under the limit is silence to any listener."""
    peak = sound.decodable.peak
    if peak < 10 ** (limits["peak_dbfs"] / 20):
        yield Finding(variant="" if peak else "nothing", measured=decibels(peak), expected=limits["peak_dbfs"])


@rule("SND-008")
def not_clipped(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the tops of the waves are not cut flat; a single peak at full scale is none of that."""
    decoded = sound.decodable
    runs = sum(count for length, count in decoded.runs.items() if length >= limits["samples"])
    if runs >= limits["runs"]:
        yield Finding(measured=runs, expected=0, fields={"at": round(float(decoded.first_run), 2)})


@rule("SND-009")
def no_pictures_in_tags(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no pictures are kept in the tags, where nobody judges them."""
    assert sound.format
    pictures = [each for each in sound.tags.kept if each.picture and not _harmful(each)]
    if pictures:
        yield Finding(measured=len(pictures), expected=0, fields={"bytes": sum(len(each.data) for each in pictures)})


@rule("SND-010")
def no_programs_inside(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no programs, scripts, pages or archives in the tags, before the sound or behind it."""
    assert sound.format
    for each in sound.tags.kept:
        if name := _harmful(each):
            yield Finding(measured=name, fields={"frame": each.frame})
            return
    yield from _in_wave(sound, limits) if sound.format == "WAV" else _around_frames(sound, limits)


def _in_wave(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    wave = sound.wave
    for chunk in wave.chunks:
        if name := _harmful_chunk(sound, chunk):
            yield Finding(measured=name, fields={"frame": chunk.type.decode("ascii")})
            return
    behind = wave.foreign if wave.foreign is not None else sound.size
    if name := hidden_tail(sound.path, sound.size, behind):
        yield Finding(variant="behind", measured=name)
        return
    second = sum(each.size for each in wave.chunks if each.type == b"data" and each is not wave.data)
    if second > limits["stray_bytes"]:
        yield Finding(variant="second", measured=second, severity="warning")
    elif not wave.unfinished and not _goes_on(wave, limits):
        held = stray(sound.path, behind, sound.size)
        if held > limits["stray_bytes"]:
            yield Finding(variant="stray", measured=held, severity="warning")


def _around_frames(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    frames, ahead = sound.frames, sound.ahead
    assert frames is not None
    if ahead.name:
        yield Finding(variant="ahead", measured=ahead.name)
    elif name := hidden_tail(sound.path, sound.size, frames.end):
        yield Finding(variant="behind", measured=name)
    elif ahead.text or ahead.size > limits["stray_ahead"]:
        yield Finding(variant="stray-ahead", measured=ahead.size, severity="warning")
    elif not frames.broken_end and sound.tags.end - frames.end > limits["stray_bytes"]:
        yield Finding(variant="stray", measured=sound.tags.end - frames.end, severity="warning")


def _harmful(kept: Kept) -> str:
    by_name = dangerous_name(kept.name)
    if by_name is not None or kept.name.lower().endswith(_RUN_BY_WINDOWS):
        return kept.name[-_LONGEST_NAME:]
    return harmful(kept.data)


def _harmful_chunk(sound: SoundSubject, chunk: Chunk) -> str:
    """What a chunk of a WAV holds, or what was taken for one: an archive may begin with four letters as well."""
    if chunk is sound.wave.data or (chunk.type == b"fmt " and chunk.size <= _LARGEST_FORM):
        return ""
    inside = [(chunk.start, min(chunk.end, sound.size))]
    return begins(sound.path, [chunk.start - 8, chunk.start]) or hidden_within(sound.path, inside, texts=True)


@rule("SND-011")
def playable_wave(sound: SoundSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a WAV holds plain samples, which everything plays, and no coded sound."""
    if sound.format != "WAV":
        raise NotApplicable
    sound.require_whole()
    if bits := sound.wave.odd_width:
        yield Finding(variant="width", measured=bits, fields={"format": sound.wave.format_name})
    elif sound.wave.format_name not in limits["formats"]:
        yield Finding(measured=sound.wave.format_name, expected=", ".join(limits["formats"]))
