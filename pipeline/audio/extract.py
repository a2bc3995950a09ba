"""Decodes a range of a file's first sound track, exactly on the file's common clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path

from pipeline.audio.pcm import PcmFile
from pipeline.errors import MediaError
from pipeline.media import ffmpeg
from pipeline.media.measure import measure_blocks, meter, read
from pipeline.media.sniff import Kind, sniff
from pipeline.timecode import SAMPLE_RATE

_PRE_ROLL = 1
"""Seconds decoded before the range: after a jump the first frames of AAC and MP3 are not whole yet."""

_CONFORM = (
    # Gaps become silence and overlaps are cut, both from 40 ms (a film frame) on; a recorder's slow drift
    # is drawn straight by at most 0.2 % (3 cents). Float samples, so that a downmix of 5.1 cannot clip.
    "aresample=osr=48000:filter_size=64:async=96:min_comp=0.005:min_hard_comp=0.04:ochl=stereo:osf=flt"
)


@dataclass(frozen=True, slots=True)
class Extract:
    """Decoded sound. `lead` is the silence, in samples, between the range's start and the first sound in it."""

    pcm: PcmFile
    lead: int
    loudness: float | None
    """LUFS of what was decoded; None below the meter's gate."""
    damaged: bool
    """Some of the sound did not decode."""


def extract(
    path: Path, start: Fraction, samples: int, target: Path, *, cancel: threading.Event | None = None
) -> Extract | None:
    """Decode `samples` from second `start` of a file into `target`; None when the file has no sound track.

    Second 0 is the file's own start: where the first of its tracks begins. Sound that is missing
    at the start shows as `lead`, at the end as fewer samples. A file of which nothing decodes
    comes back empty and damaged. Raises MediaError when the file is missing or is not a media file.
    """
    try:
        kind = sniff(path)
    except OSError as error:
        raise MediaError.of("media.unreadable", name=path.name, reason=error.strerror) from error
    if kind is None:
        raise MediaError.of("media.unknown-kind", name=path.name)
    seek = max(0, floor(start) - _PRE_ROLL)
    offset = _clock_offset(path, kind, seek)
    if offset is None:
        return None
    first = round((start - seek - offset) * SAMPLE_RATE)
    # Trimmed by timestamp, not by count: a change of channels inside the file builds the chain anew.
    trim = f"atrim=start_pts={first}:end_pts={first + samples}"
    timeout = 120 + samples / SAMPLE_RATE
    try:
        done = ffmpeg.run(
            [
                *ffmpeg.source(path, kind.demuxer, *(["-ss", str(seek)] if seek else [])),
                *["-map", "0:a:0", "-af", f"{_CONFORM},{trim},{meter(true_peak=False)}"],
                *["-max_error_rate", "1", "-f", "f32le", "-y", f"file:{target}"],
            ],
            timeout=timeout,
            name=path.name,
            cancel=cancel,
            capture=True,
            level="level+error",
        )
    except MediaError as error:
        if error.problems[0].code != "media.ffmpeg-failed":
            raise
        return Extract(PcmFile(target, 0), 0, None, damaged=True)
    reading = read(done.output)
    pcm = PcmFile(target, min(PcmFile.at(target).samples, samples))
    loudness = reading.loudness.integrated
    if reading.restarts:
        loudness = measure_blocks(pcm.blocks(), timeout=timeout, cancel=cancel).integrated
    lead = reading.first_pts - first if reading.first_pts is not None else 0
    return Extract(PcmFile(target, min(pcm.samples, samples - lead)), lead, loudness, "[error]" in done.log)


def _clock_offset(path: Path, kind: Kind, seek: int) -> Fraction | None:
    """Seconds by which ffmpeg, started at `seek`, will move the sound on the file's clock; None without sound.

    Of transport streams and their like ffmpeg counts time from the first track in use, where that starts
    after the seek point; the picture may have started before it.
    """
    import av
    from av.error import FFmpegError
    from av.format import Flags

    options = {"protocol_whitelist": "file,pipe"}
    try:
        with av.open(f"file:{path}", format=kind.demuxer, options=options, metadata_errors="ignore") as container:
            if not container.streams.audio:
                return None
            track = container.streams.audio[0]
            moved = Flags.ts_discont in Flags(container.format.flags)
            if not moved or track.start_time is None or track.time_base is None or container.start_time is None:
                return Fraction(0)
            later = track.start_time * track.time_base - Fraction(container.start_time, 1_000_000)
            return max(Fraction(0), later - seek)
    except (FFmpegError, ValueError, MemoryError) as error:
        raise MediaError.of("media.broken", name=path.name, kind=kind.name, reason=str(error)) from error
