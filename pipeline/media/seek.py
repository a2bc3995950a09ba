"""Where to start reading a file, so that the picture at a given second decodes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import MediaError, Place
from pipeline.media.container import open_media

STEPS_BACK = (0, 1, 4, 16, 64)
"""Seconds to go back by, one after the other; past the last one a file is read from its start."""


def entry_point(path: Path, demuxer: str, seconds: Fraction, *, name: str = "", place: Place | None = None) -> Fraction:
    """The second to jump to (ffmpeg's -ss) so that a keyframe is met no later than at `seconds`; 0 is the start.

    Files with an index land on a keyframe. Transport and programme streams have none and land anywhere:
    what is decoded from there shows nothing until the next keyframe. Raises MediaError.
    """
    import av
    from av.error import FFmpegError

    try:
        with open_media(path, demuxer) as container:
            for back in STEPS_BACK:
                at = seconds - back
                if at <= 0:
                    break
                container.seek(int(at * av.time_base) + (container.start_time or 0), backward=True)
                if _meets_keyframe(container, seconds):
                    return at
    except (FFmpegError, ValueError, MemoryError) as error:
        raise MediaError.of("media.broken", place, name=name or path.name, kind=demuxer, reason=str(error)) from error
    return Fraction(0)


def _meets_keyframe(container: Any, seconds: Fraction) -> bool:
    import av

    limit = seconds + Fraction(container.start_time or 0, av.time_base)
    for packet in container.demux(container.streams.video[0]):
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is None:
            continue
        if packet.is_keyframe and stamp * packet.time_base <= limit:
            return True
        if packet.dts is not None and packet.dts * packet.time_base > limit:
            return False
    return False
