"""What comes out of a video's decoders: all of it for errors, some frames for what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.checks.subject import NotRun
from pipeline.errors import MediaError
from pipeline.media import ffmpeg, sniff

LONGEST = 540
"""Seconds of decoding before it is given up; ten minutes of 1080p take one."""

_PLACES, _EVERY, _FROM_A_PLACE = 8, 5, 300
"""Where it is looked whether the picture is blank: places, every which frame, and how many frames from each place."""

_FLAT = 1.5
"""Spread (standard deviation, 0-255) of a picture of one colour with the noise of its encoding."""

_HARMLESS = re.compile(
    r"^\[(?:null|out#|vost|aost)"  # our own output, which nobody sees
    r"|mmco: unref short failure|co located POCs unavailable|number of reference frames|Missing reference picture"
    r"|Last message repeated",
    re.IGNORECASE,
)
"""What ffmpeg logs as an error and a viewer never sees: joints of open groups, timestamps on our side."""


@dataclass(frozen=True, slots=True)
class DecodedVideo:
    """Frames of the picture that came out, and whether a decoder complained.

    What it complained about is not told: it is no help to a teacher, and threads make it another line each time.
    """

    frames: int
    damaged: bool


def decode(path: Path, name: str, indices: Sequence[int]) -> DecodedVideo:
    """Decode the streams with these indices to their end. Raises NotRun when that takes longer than LONGEST."""
    frames = 0

    def count(number: int) -> None:
        nonlocal frames
        frames = number

    maps = [argument for index in indices for argument in ("-map", f"0:{index}")]
    arguments = [*ffmpeg.source(path, sniff.ISO_MEDIA.demuxer), *maps, "-fps_mode", "passthrough", "-f", "null", "-"]
    try:
        log = ffmpeg.run(arguments, timeout=LONGEST, name=name, on_frame=count, level="error").log
    except MediaError as error:
        if error.problems[0].code == "media.ffmpeg-too-slow":
            raise NotRun("too-slow", seconds=LONGEST) from error
        return DecodedVideo(frames, damaged=True)
    return DecodedVideo(frames, any(line.strip() and not _HARMLESS.search(line) for line in log.splitlines()))


def blank(path: Path, index: int, length: Fraction) -> bool | None:
    """Whether the frames at some places, spread over `length` seconds, all are of one colour.

    None where none could be decoded. From each place on frames are looked at up to the next one, for a place may lie
    long behind the last key frame.
    """
    from av.error import FFmpegError

    from pipeline.media.container import open_media

    looked = 0
    step = length / _PLACES
    try:
        with open_media(path, sniff.ISO_MEDIA.demuxer) as container:
            stream: Any = container.streams[index]
            start = container.start_time or 0
            for place in range(_PLACES):
                container.seek(start + int(step * place * 1_000_000))
                frames: Iterator[Any] = container.decode(stream)
                for number, frame in enumerate(frames):
                    looked += 1
                    if number % _EVERY == 0 and not _one_colour(frame):
                        return False
                    if number >= _FROM_A_PLACE or (frame.time or 0) >= start / 1e6 + step * (place + 1):
                        break
    except (FFmpegError, ValueError):
        pass  # damage is told by the rule of decoding
    return True if looked else None


def loudest(path: Path, index: int, enough: float) -> float | None:
    """The peak of a sound stream (1.0 is full scale), or of its beginning as soon as that is `enough`.

    None where none of it could be decoded.
    """
    import numpy as np
    from av.error import FFmpegError

    from pipeline.media.container import open_media

    peak: float | None = None
    try:
        with open_media(path, sniff.ISO_MEDIA.demuxer) as container:
            frames: Iterator[Any] = container.decode(container.streams[index])
            for frame in frames:
                block = frame.to_ndarray()
                middle, full = (128, 128) if block.dtype == np.uint8 else (0, 1)
                full = np.iinfo(block.dtype).max if block.dtype.kind == "i" else full
                peak = max(peak or 0.0, float(np.abs(block.astype(np.float64) - middle).max(initial=0)) / full)
                if peak >= enough:
                    break
    except (FFmpegError, ValueError):
        pass  # damage is told by the rule of decoding
    return peak


def _one_colour(frame: Any) -> bool:
    small = frame.reformat(width=64, height=64, format="gray").to_ndarray()
    return float(small.std()) < _FLAT


def thumbnail(path: Path, index: int, rotation: int) -> bytes:
    """A frame at about one second as a JPEG of at most 160 x 160; empty where none can be decoded."""
    from io import BytesIO

    from av.error import FFmpegError

    from pipeline.media.container import open_media

    try:
        with open_media(path, sniff.ISO_MEDIA.demuxer) as container:
            container.seek((container.start_time or 0) + 1_000_000)
            frame: Any = next(container.decode(container.streams[index]), None)
            if frame is None:
                return b""
            picture = frame.to_image()
    except (FFmpegError, ValueError):
        return b""
    picture.thumbnail((160, 160))
    out = BytesIO()
    picture.rotate(-rotation, expand=True).save(out, "JPEG", quality=80)
    return out.getvalue()
