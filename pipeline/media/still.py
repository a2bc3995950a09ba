"""One picture out of a video, for storyboards."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import MediaError
from pipeline.media.container import open_media
from pipeline.media.sniff import sniff

if TYPE_CHECKING:
    from PIL.Image import Image


def frame_at(path: Path, seconds: Fraction) -> Image:
    """The key frame at or before `seconds` of a video, upright, with square pixels. Raises MediaError."""
    import av
    from av.error import FFmpegError

    kind = sniff(path)
    if kind is None:
        raise MediaError.of("media.unknown-kind", name=path.name)
    try:
        with open_media(path, kind.demuxer) as container:
            stream = container.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            container.seek(int(seconds * av.time_base) + (container.start_time or 0), backward=True)
            frame: Any = next(container.decode(stream), None)
            if frame is None:
                raise MediaError.of("media.no-picture", name=path.name)
            shape = stream.sample_aspect_ratio or Fraction(1)
            width = max(1, round(frame.width * shape)) if shape > 0 else frame.width
            picture: Image = frame.reformat(width, frame.height, format="rgb24").to_image()
            return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
    except (FFmpegError, ValueError) as error:
        raise MediaError.of("media.broken", name=path.name, kind=kind.name, reason=str(error)) from error
