"""The house format: encoder arguments that every segment shares, groups of pictures, the bit budget."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from pipeline.specs import HouseFormat, Structure

if TYPE_CHECKING:
    from ffmpeg import VideoStream

REORDER = 2
"""Frames by which decoding runs ahead of display: x264's pyramid of B-frames in every segment."""

VBV_SECONDS = Fraction(1)
VBV_START = Fraction(9, 10)
"""x264 starts a segment with its rate buffer this full; the budget must allow for it."""

MUX_SHARE = Fraction(99, 100)
"""Share of the file for packets; the rest is the container's tables (measured: under 0.5 %)."""


def tagged(stream: VideoStream) -> VideoStream:
    """Mark frames as what they have been made: without it parameter sets would differ by source."""
    return stream.setsar(sar="1").setparams(
        field_mode="prog",
        range="tv",
        color_primaries="bt709",
        color_trc="bt709",
        colorspace="bt709",
        chroma_location="left",
    )


def encoder(house: HouseFormat, crf: int, rate: int | None = None) -> list[str]:
    """x264 arguments of a segment, to a bare MP4 with the same parameter sets in every one.

    `rate`: most bits a second over the segment's rate buffer, None for still cards.
    """
    arguments = ["-c:v", "libx264", "-preset", house.preset, "-profile:v", "high", "-crf", str(crf)]
    x264 = house.x264
    if rate is None:
        x264 += f":{house.still_x264}"
    else:
        arguments += ["-maxrate", str(rate), "-bufsize", str(int(rate * VBV_SECONDS))]
    return [
        *arguments,
        *("-g", str(house.gop), "-keyint_min", str(house.gop), "-x264-params", x264),
        *("-an", "-sn", "-dn", "-map_metadata", "-1", "-bitexact", "-f", "mp4"),
    ]


def groups(frames: int, gop: int) -> tuple[int, tuple[int, ...]]:
    """Split a still of `frames` frames into (repeats of a whole group, lengths of the last, shorter groups).

    No group is a single frame: two IDR frames in a row would need different picture ids.
    """
    repeats, tail = divmod(frames, gop)
    if tail == 1 and repeats:
        return repeats - 1, (gop // 2 + 1, gop - gop // 2)
    return repeats, (tail,) if tail else ()


def forced_keys(starts: Iterable[int]) -> list[str]:
    """Arguments that start a closed group at these frames, besides the regular ones."""
    terms = "+".join(f"eq(n,{start})" for start in starts)
    return ["-force_key_frames", f"expr:{terms}", "-forced-idr", "1"] if terms else []


def clip_rate(house: HouseFormat, profile_bytes: int, structure: Structure) -> int:
    """Bits a second that the explanation's picture may use so that the film can never pass its limit (C3).

    It depends on the structure alone, so that editing a card never touches the teacher's picture.
    """
    seconds = Fraction(structure.frames) / structure.fps
    moving = Fraction(structure.part("explanation").frames) / structure.fps
    total = profile_bytes * 8 * MUX_SHARE
    sound = house.audio_bit_rate * Fraction(102, 100) * seconds
    cards = house.still_budget_bits * (seconds - moving)
    return min(int((total - sound - cards) / moving), house.most_bits)


def segment_rate(rate: int, frames: int, fps: Fraction) -> int:
    """The encoder's rate limit for one segment, so that rate buffer and all it keeps within `rate` on average."""
    seconds = Fraction(frames) / fps
    return int(rate * seconds / (seconds + VBV_START * VBV_SECONDS))
