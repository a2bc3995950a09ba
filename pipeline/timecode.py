"""Time as whole frames. Seconds as floats live only here, at the edge."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

SAMPLE_RATE = 48_000
"""Samples a second of every sound inside the product."""

_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6})(?:[.,](\d{1,6}))?")


def parse_seconds(text: str) -> Fraction:
    """Exact seconds from "90", "12.5", "1:30", "0:01:30.25". Raises ValueError on anything else."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    hours, minutes, seconds, fraction = match.groups()
    if (minutes is not None and int(seconds) >= 60) or (hours is not None and int(minutes) >= 60):
        raise ValueError(text)
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole + (Fraction(int(fraction), 10 ** len(fraction)) if fraction else Fraction(0))


def to_frames(seconds: Fraction | int, fps: Fraction) -> int:
    """The frame that starts nearest to `seconds`, halves upward."""
    return int(seconds * fps + Fraction(1, 2))


def to_seconds(frames: int, fps: Fraction) -> Fraction:
    """Exact seconds at which frame number `frames` starts."""
    return frames / fps


def to_samples(frames: int, fps: Fraction) -> int:
    """The sample at which a frame starts (whole at 25 frames: 1920 samples a frame)."""
    return int(frames * SAMPLE_RATE / fps)


def exact(value: float | int | str) -> Fraction:
    """A number as a person wrote it (0.1 is one tenth, not a binary float)."""
    return Fraction(Decimal(str(value)))


def decimal(seconds: Fraction | float, digits: int = 3) -> str:
    """Seconds for a command line or a table: "359.040"."""
    return f"{float(seconds):.{digits}f}"


def tenths(seconds: Fraction | float) -> float:
    """Seconds to one decimal, as findings tell them."""
    return round(float(seconds), 1)


def clock(seconds: Fraction | float | int) -> str:
    """Minutes and seconds for people: "6:00", "0:05.5"."""
    tenths = round(float(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    text = f"{minutes}:{rest // 10:02d}"
    return text if rest % 10 == 0 else f"{text}.{rest % 10}"


def smpte(frames: int, fps: Fraction) -> str:
    """SMPTE-style HH:MM:SS:FF at a whole frame rate."""
    rate = round(fps)
    seconds, frame = divmod(frames, rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"
