"""Opening media in this process: a stranger's under the same guards as `ffmpeg.source` in another, and our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.media.ffmpeg import PROTOCOLS

if TYPE_CHECKING:
    from av.container import InputContainer


def open_media(path: Path, demuxer: str) -> InputContainer:
    """The file with its demuxer forced and no other protocol allowed; tags in broken letters do no harm.

    Raises av.error.FFmpegError.
    """
    import av

    return av.open(f"file:{path}", format=demuxer, options={"protocol_whitelist": PROTOCOLS}, metadata_errors="ignore")


def open_own(path: Path) -> InputContainer:
    """A file that we made ourselves. Its header is taken at its word: a picture's pixel format is not known.

    libavformat decodes the first picture of whatever it opens, which costs more than all packets of a card's segment.
    """
    import av

    return av.open(str(path), options={"skip_frame": "all"})
