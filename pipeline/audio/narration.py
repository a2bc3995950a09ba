"""Cuts a narration to its card with pydub: silence off its ends, a late start, a fade where it is cut off."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pipeline.audio.pcm import CHANNELS, PcmFile
from pipeline.timecode import SAMPLE_RATE

START_MS = 400
"""A reader begins this long after the card appears."""

LEADING_LIMIT_MS = 10_000
"""Silence at a narration's start that is looked through for its first word."""

_KEPT_SILENCE_MS = 300
_CUT_FADE_MS = 300
_BELOW_SPEECH = 26.0
"""dB under a narration's mean level where its silence is taken to begin."""

_PIECE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Narration:
    """A cut narration: `start_ms` after the card's start; `cut_ms` of it did not fit the card."""

    pcm: PcmFile
    start_ms: int
    cut_ms: int


def fit(decoded: PcmFile, available_ms: int, target: Path, *, keep_start: bool = False) -> Narration:
    """Cut decoded narration to a card of `available_ms` and write it to `target`.

    `keep_start` leaves the silence before the first word: captions are timed from the file's start.
    """
    segment = _trimmed(_segment(decoded), keep_start=keep_start)
    start = max(0, min(START_MS, available_ms - len(segment)))
    room = available_ms - start
    cut = max(0, len(segment) - room)
    if cut and room:
        segment = segment[:room].fade_out(min(_CUT_FADE_MS, room))
    return Narration(_written(segment, target), start, cut)


def _segment(decoded: PcmFile) -> Any:
    """The sound as a pydub segment of 16-bit samples: nothing here needs pydub to run a decoder."""
    import numpy as np

    with warnings.catch_warnings():
        # pydub looks for an ffmpeg of its own when imported; it never needs one here.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment

    data = BytesIO()
    for piece in decoded.blocks():
        whole = np.clip(np.frombuffer(piece, "<f4") * 32768.0, -32768, 32767)
        data.write(np.rint(whole).astype("<i2").tobytes())
    return AudioSegment(data=data.getvalue(), sample_width=2, frame_rate=SAMPLE_RATE, channels=CHANNELS)


def _trimmed(segment: Any, *, keep_start: bool) -> Any:
    from pydub.silence import detect_leading_silence

    threshold = segment.dBFS - _BELOW_SPEECH
    leading = detect_leading_silence(segment, silence_threshold=threshold)
    if leading >= len(segment):
        return segment
    trailing = _trailing_silence(segment, threshold)
    start = 0 if keep_start else max(0, leading - _KEPT_SILENCE_MS)
    stop = len(segment) - max(0, trailing - _KEPT_SILENCE_MS)
    return segment[start:stop]


def _trailing_silence(segment: Any, threshold: float) -> int:
    """Milliseconds of silence at the end, looked for piece by piece: reversing a long narration would copy it."""
    from pydub.silence import detect_leading_silence

    silent = 0
    while silent < len(segment):
        stop = len(segment) - silent
        piece = segment[max(0, stop - _PIECE_MS) : stop]
        found: int = detect_leading_silence(piece.reverse(), silence_threshold=threshold)
        silent += min(found, len(piece))
        if found < len(piece):
            break
    return silent


def _written(segment: Any, target: Path) -> PcmFile:
    import numpy as np

    with target.open("wb") as file:
        for start in range(0, len(segment), _PIECE_MS):
            piece = np.frombuffer(segment[start : start + _PIECE_MS].raw_data, "<i2")
            file.write((piece / np.float32(32768)).astype("<f4").tobytes())
    return PcmFile.at(target)
