"""Loudness and true peak by ffmpeg's EBU R128 meter.

The meter's numbers are read from its per-frame metadata, not from its log: a stranger's file
can write anything into the log, and the log rounds to a tenth.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from pathlib import Path

from pipeline.media import ffmpeg
from pipeline.timecode import SAMPLE_RATE

GATE = -70.0
"""LUFS: what is quieter never counts (ITU-R BS.1770-5, absolute gate). The meter says this of silence."""

STEP = SAMPLE_RATE // 10
"""Samples between two readings of the meter."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Programme loudness in LUFS (None: nothing above the gate) and true peak in dBTP (None: silence, or not asked)."""

    integrated: float | None
    true_peak: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter printed: the loudness, the timestamp of its first frame, how often it was started anew."""

    loudness: Loudness
    first_pts: int | None
    restarts: int


def meter(*, true_peak: bool) -> str:
    """Filter text of a meter that lets the sound through and prints its readings on standard output."""
    peak = ":peak=true" if true_peak else ""
    return f"ebur128=metadata=1{peak},ametadata=mode=print:file=-"


def read(printed: bytes) -> Reading:
    """The meaning of what `meter` printed; readings of the sound so far, the last one counts."""
    integrated, peak = GATE, 0.0
    first: int | None = None
    starts = 0
    for line in printed.splitlines():
        key, _, value = line.partition(b"=")
        if key == b"lavfi.r128.I":
            integrated = float(value)
        elif key.startswith(b"lavfi.r128.true_peak"):
            peak = max(peak, float(value))
        elif line.startswith(b"frame:0 "):
            starts += 1
            if first is None:
                first = int(line.split(b"pts:", 1)[1].split()[0])
    loudness = Loudness(integrated if integrated > GATE else None, 20 * log10(peak) if peak > 0 else None)
    return Reading(loudness, first, max(0, starts - 1))


def measure_loudness(
    path: Path, demuxer: str, *, name: str = "", timeout: float = 600, cancel: threading.Event | None = None
) -> Loudness:
    """Loudness of a file's first sound track as it stands. Raises MediaError when it has none or cannot be read."""
    arguments = ffmpeg.source(path, demuxer)
    return _measure(arguments, name or path.name, timeout, cancel, None, true_peak=True)


def measure_blocks(
    blocks: Iterable[bytes], *, timeout: float, cancel: threading.Event | None = None, true_peak: bool = False
) -> Loudness:
    """Loudness of blocks of 48 kHz stereo 32-bit float samples."""
    return _measure(pcm_input("pipe:0"), "", timeout, cancel, blocks, true_peak=true_peak)


def pcm_input(url: str) -> list[str]:
    """Arguments that open our own sound inside the product: raw 48 kHz stereo 32-bit float."""
    return ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ch_layout", "stereo", "-i", url]


def _measure(
    arguments: list[str],
    name: str,
    timeout: float,
    cancel: threading.Event | None,
    blocks: Iterable[bytes] | None,
    *,
    true_peak: bool,
) -> Loudness:
    # The meter reads in whole steps: the last one is filled up with silence so that its peak counts.
    chain = f"asetnsamples=n={STEP}:p=1,{meter(true_peak=true_peak)}"
    done = ffmpeg.run(
        [*arguments, "-map", "0:a:0", "-af", chain, "-f", "null", "-"],
        timeout=timeout,
        name=name,
        stdin=blocks,
        cancel=cancel,
        capture=True,
        level="error",
    )
    return read(done.output).loudness
