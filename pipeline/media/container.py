"""Opening a stranger's media file in this process, under the same guards as `ffmpeg.source` in another."""

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
