"""Timeline -> the film's one AAC track, levelled after EBU R128."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from pipeline.audio import draft
from pipeline.audio.bed import Bed, speech_spans
from pipeline.audio.extract import extract
from pipeline.audio.mix import Mix, Reductions
from pipeline.audio.report import SoundReport, VoiceReport
from pipeline.audio.takes import NEAR_SILENT, Take, TakeMaker, has_cues, voice_problem
from pipeline.errors import Problem, Severity
from pipeline.media import ffmpeg
from pipeline.media.measure import Loudness, measure_blocks, meter, pcm_input, read
from pipeline.specs import HouseFormat
from pipeline.timecode import SAMPLE_RATE, to_samples
from pipeline.timeline.model import Timeline

CODE_VERSION = 1
"""Raised whenever this package makes other bytes of the same input."""

AAC_HEADROOM = 0.5
"""dB kept under the permitted true peak: AAC moves peaks a little."""

LOUDNESS_TOLERANCE = 0.3
"""LU that the film may miss its loudness by before the author is told."""

_CLOSE_ENOUGH = 0.1
_MOST_PASSES = 3
_SPEECH_THRESHOLD = 20.0
"""dB under the voice's level where, for the bed, nobody speaks."""

_LIMITED = 0.1
_HARSHLY_LIMITED = 3.0
"""dB of limiting that are named in the report, and that are worth a warning instead of a note."""


def sound_key(timeline: Timeline, digest: Callable[[Path], str], house: HouseFormat) -> str:
    """SHA-256 (hex) over everything that shapes the bytes of the film's sound; places in the script do not."""
    drafts = any(sound.kind == "draft" for sound in timeline.sounds)
    facts = {
        "code": CODE_VERSION,
        "ffmpeg": ffmpeg.build_id(),
        "espeak": draft.draft_version() if drafts else "",
        "language": timeline.language if drafts else "",
        "fps": str(timeline.structure.fps),
        "frames": timeline.frames,
        "house": [
            house.sample_rate,
            house.channels,
            house.audio_bit_rate,
            house.loudness,
            house.true_peak,
            house.bed_below_voice,
            house.bed_alone,
            house.fade_ms,
        ],
        "bed": digest(timeline.bed) if timeline.bed else "",
        "sounds": [
            [
                sound.start,
                sound.frames,
                sound.kind,
                digest(sound.file) if sound.file else "",
                # The report names the file.
                sound.file.name if sound.file else "",
                str(sound.source_start),
                sound.text,
                has_cues(timeline, sound),
            ]
            for sound in timeline.sounds
        ],
    }
    return sha256(json.dumps(facts, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def make_sound(
    timeline: Timeline, house: HouseFormat, target: Path, work: Path, *, cancel: threading.Event | None = None
) -> SoundReport:
    """Make the film's sound: AAC-LC, 48 kHz, stereo, exactly as long as the film by its edit list.

    `work` is a private folder for decoded sound (about 140 MB for six minutes); what is made there is removed.
    Raises MediaError for files that are not media at all, Cancelled when `cancel` is set;
    sound that is missing, damaged or too short becomes silence and a warning in the report.
    """
    work.mkdir(parents=True, exist_ok=True)
    before = set(work.iterdir())
    try:
        return _make(timeline, house, target, work, cancel)
    finally:
        for left in set(work.iterdir()) - before:
            left.unlink()


def _make(
    timeline: Timeline, house: HouseFormat, target: Path, work: Path, cancel: threading.Event | None
) -> SoundReport:
    takes = _takes(timeline, house, work, cancel)
    voices = tuple(take.voice for take in takes if take.voice is not None)
    bed, problems = _bed(timeline, house, takes, work / "bed.f32", cancel)
    mix = Mix(voices, bed, to_samples(timeline.frames, timeline.structure.fps))
    # A film of nothing but noise stays as quiet as it is.
    gain = _film_gain(mix, house, cancel) if bed or any(take.speaks for take in takes) else 0.0
    reductions = Reductions(voices)
    loudness = _encode(mix.blocks(gain, _ceiling(house), reductions), house, target, mix.total, cancel)
    problems += _film_problems(timeline, house, loudness)
    reports: list[VoiceReport] = []
    depths = iter(reductions.each)
    for take in takes:
        depth = next(depths) if take.voice is not None else 0.0
        applied = take.voice.gain + gain if take.voice is not None else 0.0
        reports.append(VoiceReport(take.sound.start, take.name, take.loudness, round(applied, 2), depth > _LIMITED))
        problems += take.problems
        if depth > _LIMITED and take.sound.kind != "draft":
            severity: Severity = "warning" if depth > _HARSHLY_LIMITED else "note"
            decibels = round(depth, 1)
            problems.append(voice_problem(timeline, take.sound, "audio.limited", severity, decibels=decibels))
    return SoundReport(
        loudness=loudness.integrated,
        true_peak=round(loudness.true_peak, 2) if loudness.true_peak is not None else None,
        voices=tuple(reports),
        bed_gain=round(bed.alone + gain, 2) if bed else None,
        draft=any(sound.kind == "draft" for sound in timeline.sounds),
        problems=tuple(problems),
    )


def _takes(timeline: Timeline, house: HouseFormat, work: Path, cancel: threading.Event | None) -> Sequence[Take]:
    maker = TakeMaker(timeline, house, work, cancel)
    takes = []
    for number, sound in enumerate(timeline.sounds):
        if cancel is not None and cancel.is_set():
            raise ffmpeg.Cancelled
        takes.append(maker.make(number, sound))
    return takes


def _bed(
    timeline: Timeline, house: HouseFormat, takes: Sequence[Take], target: Path, cancel: threading.Event | None
) -> tuple[Bed | None, list[Problem]]:
    if timeline.bed is None:
        return None, []
    total = to_samples(timeline.frames, timeline.structure.fps)
    got = extract(timeline.bed, Fraction(0), total, target, cancel=cancel)
    fields = {"name": timeline.bed.name}
    if got is None or got.loudness is None or got.loudness <= NEAR_SILENT:
        return None, [Problem("audio.bed-silent", None, fields, "warning")]
    spans = [
        span
        for take in takes
        if take.speaks and take.voice is not None
        for span in take.voice.active(house.loudness - _SPEECH_THRESHOLD)
    ]
    level = house.loudness - got.loudness
    bed = Bed(got.pcm, total, speech_spans(spans), level - house.bed_below_voice, level - house.bed_alone)
    return bed, [Problem("audio.bed-damaged", None, fields, "warning")] if got.damaged else []


def _ceiling(house: HouseFormat) -> float:
    return house.true_peak - AAC_HEADROOM


def _film_gain(mix: Mix, house: HouseFormat, cancel: threading.Event | None) -> float:
    """One gain (dB) for the whole mix that brings the programme to its loudness: voices and bed keep their balance."""
    gain = 0.0
    for _ in range(_MOST_PASSES):
        # Measured through the limiter, because what it takes away has to be made up.
        blocks = mix.blocks(gain, _ceiling(house), Reductions(mix.voices))
        measured = measure_blocks(blocks, timeout=_timeout(mix.total), cancel=cancel).integrated
        if measured is None:
            break
        step = house.loudness - measured
        gain += step
        if abs(step) <= _CLOSE_ENOUGH:
            break
    return gain


def _encode(
    blocks: Iterator[bytes], house: HouseFormat, target: Path, total: int, cancel: threading.Event | None
) -> Loudness:
    """Encode the mix to `target` and measure it on its way."""
    partial = target.with_name(f".{target.name}.part")
    try:
        done = ffmpeg.run(
            [
                *pcm_input("pipe:0"),
                *["-map", "0:a:0", "-af", meter(true_peak=True)],
                # The fast search takes two thirds of the time, but cuts off tones that set in loudly after quiet.
                # At this rate no sound needs to be replaced by noise or by the other channel.
                *["-c:a", "aac", "-aac_coder", "twoloop", "-aac_pns", "0", "-aac_is", "0"],
                *["-b:a", str(house.audio_bit_rate), "-ar", str(house.sample_rate), "-ac", str(house.channels)],
                *["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"],
                *["-f", "ipod", "-y", f"file:{partial}"],
            ],
            timeout=_timeout(total),
            name=target.name,
            stdin=blocks,
            cancel=cancel,
            capture=True,
        )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return read(done.output).loudness


def _timeout(samples: int) -> float:
    return 120 + 2 * samples / SAMPLE_RATE


def _film_problems(timeline: Timeline, house: HouseFormat, loudness: Loudness) -> list[Problem]:
    problems = []
    if any(sound.kind == "draft" for sound in timeline.sounds) and not draft.draft_available():
        problems.append(Problem("audio.no-draft-voice", None, {}, "warning"))
    if loudness.integrated is None:
        problems.append(Problem("audio.silent-film", None, {}, "warning"))
    elif abs(loudness.integrated - house.loudness) > LOUDNESS_TOLERANCE:
        fields = {"loudness": round(loudness.integrated, 1), "target": house.loudness}
        problems.append(Problem("audio.loudness-missed", None, fields, "warning"))
    return problems
