"""The finished file: stitched, captioned, and checked against what was promised of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from pipeline.errors import InternalError
from pipeline.media import ffmpeg
from pipeline.media.container import open_own
from pipeline.render.stitch import Labels, Piece, stitch
from pipeline.specs import Profile
from pipeline.timeline.captions import write_captions
from pipeline.timeline.model import Timeline


def deliver(
    pieces: Sequence[Piece],
    sound: Path,
    timeline: Timeline,
    labels: Labels,
    profile: Profile,
    target: Path,
    work: Path,
) -> None:
    """Write the film. Raises InternalError if its frames, lengths or bytes are not as promised (A1, C3)."""
    captions = _caption_track(timeline, work) if timeline.cues and profile.captions_track else None
    frames = stitch(pieces, sound, captions, labels, profile, timeline.structure.fps, target)
    _check(target, frames, timeline, profile)


def _caption_track(timeline: Timeline, work: Path) -> Path:
    """The cues as a text track of their own, ready to be copied beside the picture."""
    text, track = work / "captions.srt", work / "captions.mp4"
    text.write_text(write_captions(timeline.cues, "srt"), encoding="utf-8")
    ffmpeg.run(
        [*ffmpeg.source(text, "srt"), *("-c:s", "mov_text", "-bitexact", "-f", "mp4", "-y", str(track))],
        timeout=60,
        name=text.name,
    )
    return track


def _check(film: Path, frames: int, timeline: Timeline, profile: Profile) -> None:
    import av

    size = film.stat().st_size
    if size > profile.max_bytes:
        raise InternalError.of("deliver.too-big", size=size, limit=profile.max_bytes)
    seconds = Fraction(timeline.frames) / timeline.structure.fps
    with open_own(film) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        lengths = {
            "container": Fraction(container.duration or 0, av.time_base),
            "picture": (picture.duration or 0) * (picture.time_base or 0),
            "sound": (sound.duration or 0) * (sound.time_base or 0),
        }
    for name, length in lengths.items():
        # A millisecond: the grain of the container's own clock.
        if frames != timeline.frames or abs(length - seconds) > Fraction(1, 1000):
            fields = {"track": name, "seconds": float(length), "expected": float(seconds), "frames": frames}
            raise InternalError.of("deliver.wrong-length", **fields)
