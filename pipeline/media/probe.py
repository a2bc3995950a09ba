"""Facts about a media file, each measured once with PyAV; nothing is taken from the file's name."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import MediaError, Place
from pipeline.media.container import open_media
from pipeline.media.sniff import AVI, ISO_MEDIA, Kind, sniff

HDR_TRANSFERS = {16: "pq", 18: "hlg"}
"""ITU-T H.273 transfer numbers of the two HDR curves."""

LOOKED_AT = 6
"""Pictures looked at for interlacing: the first of an archive recording is often a lone field or a still."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Facts of the first picture track. Sizes in pixels as displayed, after rotation and pixel shape."""

    codec: str
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation: int
    interlaced: bool
    pixel_format: str
    alpha: bool
    matrix: int
    """ITU-T H.273 number; 0 is RGB, 2 unsaid."""
    full_range: bool
    hdr: str | None
    rate: Fraction | None
    zero: int
    """What the file's own clock says at second 0 of the picture, in microseconds."""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """Facts of the first sound track."""

    codec: str
    rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file holds. `duration` in seconds from its first to the end of its last picture (or sound)."""

    kind: str
    demuxer: str
    duration: Fraction
    picture: Picture | None
    sound: SoundTrack | None
    cut_off: bool
    """The file ends before its own index says it should."""


def probe(path: Path, *, name: str = "", place: Place | None = None, decode_end: bool = True) -> MediaFacts:
    """Measure a file. Raises MediaError naming what is wrong with it.

    `decode_end`: False where somebody else finds out whether the last pictures decode; MP4 and MOV, whose index has
    the time of each, are then measured without decoding up to them.
    """
    from av.error import FFmpegError

    name = name or path.name
    try:
        kind = sniff(path)
    except OSError as error:
        raise MediaError.of("media.unreadable", place, name=name, reason=error.strerror) from error
    if kind is None:
        raise MediaError.of("media.unknown-kind", place, name=name)
    try:
        with open_media(path, kind.demuxer) as container:
            return _measure(container, kind, path, name, place, decode_end or kind is not ISO_MEDIA)
    except (FFmpegError, ValueError, MemoryError) as error:
        raise MediaError.of("media.broken", place, name=name, kind=kind.name, reason=_reason(error)) from error


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)


def _measure(container: Any, kind: Kind, path: Path, name: str, place: Place | None, decode_end: bool) -> MediaFacts:
    video = picture_stream(container)
    audio = next(iter(container.streams.audio), None)
    picture = None
    declared = _declared(container, video or audio)
    if video is not None:
        video.thread_type = "AUTO"
        frames = _first_frames(container, video)
        if not frames:
            raise MediaError.of("media.no-picture", place, name=name)
        picture = _picture(video, frames, _zero(container, video, kind, frames[0]))
        measured = _measured_end if decode_end else _stored_end
        duration = measured(container, video, declared) - Fraction(picture.zero, 1_000_000)
    elif audio is not None:
        duration = declared
    else:
        raise MediaError.of("media.empty", place, name=name)
    return MediaFacts(
        kind=kind.name,
        demuxer=kind.demuxer,
        duration=duration,
        picture=picture,
        sound=SoundTrack(audio.codec_context.name, audio.rate, audio.channels) if audio is not None else None,
        cut_off=_index_outruns_file(video or audio, path)
        or (duration < declared - 1 and _ends_early(container, declared)),
    )


def picture_stream(container: Any) -> Any | None:
    """The first picture track; a cover picture is none (ffmpeg's stream specifier V:0)."""
    return next((stream for stream in container.streams.video if not _is_cover(stream)), None)


def _is_cover(stream: Any) -> bool:
    return bool(int(stream.disposition) & 0x400)  # AV_DISPOSITION_ATTACHED_PIC


def _first_frames(container: Any, stream: Any) -> list[Any]:
    """The first pictures that decode. Raises FFmpegError when already the first one does not."""
    from av.error import FFmpegError

    frames: list[Any] = []
    decoded = container.decode(stream)
    try:
        while len(frames) < LOOKED_AT and (frame := next(decoded, None)) is not None:
            frames.append(frame)
    except FFmpegError:
        if not frames:
            raise
    return frames


def _zero(container: Any, stream: Any, kind: Kind, first: Any) -> int:
    """Microseconds of the file's clock at second 0: where the first of its tracks begins."""
    start = int(container.start_time or 0)
    if kind is not AVI or first.dts is None:
        return start
    # With B-frames every picture of an AVI comes out late by the decoder's delay: see _shown_at.
    late = (first.dts - (stream.start_time or 0)) * first.time_base
    return start + round(Fraction(late) * 1_000_000)


def _shown_at(container: Any, frame: Any) -> int | None:
    """A picture's time in its time base. AVI stores times of decoding only; that of showing would be a guess."""
    shown: int | None = frame.dts if container.format.name == AVI.demuxer else frame.pts
    return shown


def _start(container: Any) -> Fraction:
    return Fraction(container.start_time or 0, 1_000_000)


def _declared(container: Any, stream: Any) -> Fraction:
    if container.duration is not None:
        return Fraction(container.duration, 1_000_000)
    if stream is not None and stream.duration is not None:
        return Fraction(stream.duration * stream.time_base)
    return Fraction(0)


def _picture(stream: Any, frames: list[Any], zero: int) -> Picture:
    context, frame = stream.codec_context, frames[0]
    sar = stream.sample_aspect_ratio or Fraction(1)
    width, height = round(frame.width * (sar if sar > 0 else 1)), frame.height
    rotation = round(frame.rotation) % 360
    if rotation in {90, 270}:
        width, height = height, width
    return Picture(
        codec=context.name,
        coded_width=frame.width,
        coded_height=frame.height,
        width=width,
        height=height,
        rotation=rotation,
        interlaced=any(each.interlaced_frame for each in frames),
        pixel_format=frame.format.name,
        alpha=_has_alpha(frame),
        matrix=0 if frame.format.is_rgb or frame.format.has_palette else int(frame.colorspace),
        full_range=int(frame.color_range) == 2 or frame.format.name.startswith("yuvj"),
        hdr=HDR_TRANSFERS.get(int(context.color_trc)),
        rate=stream.average_rate,
        zero=zero,
    )


def _has_alpha(frame: Any) -> bool:
    return any(component.is_alpha for component in frame.format.components)


def _measured_end(container: Any, stream: Any, declared: Fraction) -> Fraction:
    """End of the last picture that really decodes: headers of cut-off files promise more."""
    from av.error import FFmpegError

    start = _start(container)
    for back in (2, 30, int(declared) + 1):
        target = max(start, start + declared - back)
        container.seek(int(target * 1_000_000), backward=True, any_frame=False)
        end: Fraction | None = None
        try:
            for frame in container.decode(stream):
                step = (frame.duration or int(1 / ((stream.average_rate or 25) * frame.time_base))) * frame.time_base
                shown = _shown_at(container, frame)
                if shown is not None:
                    end = max(end or Fraction(0), shown * frame.time_base + step)
                elif end is not None:
                    end += step
        except FFmpegError:
            pass  # a damaged tail: what decoded before it counts
        if end is not None:
            return Fraction(end)
    return start + declared


def _stored_end(container: Any, stream: Any, declared: Fraction) -> Fraction:
    """End of the last picture that is in the file and meant to be shown, by the times of the stored pictures."""
    from av.error import FFmpegError

    start = _start(container)
    container.seek(int(max(start, start + declared - 2) * 1_000_000), backward=True, any_frame=False)
    end: Fraction | None = None
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.size and not packet.is_corrupt and not packet.is_discard:
                step = packet.duration or int(1 / ((stream.average_rate or 25) * packet.time_base))
                end = max(end or Fraction(0), (packet.pts + step) * packet.time_base)
    except FFmpegError:
        pass  # a damaged tail: what is stored before it counts
    return _measured_end(container, stream, declared) if end is None else Fraction(end)


def _ends_early(container: Any, declared: Fraction) -> bool:
    """Whether no track at all reaches the declared end: sound may well go on after the last picture."""
    from av.error import FFmpegError

    end = _start(container) + declared - 1
    container.seek(int((end - 1) * 1_000_000), backward=True, any_frame=False)
    try:
        for packet in container.demux():
            if packet.pts is not None and (packet.pts + (packet.duration or 0)) * packet.time_base >= end:
                return False
    except FFmpegError:
        pass  # a damaged tail
    return True


def _index_outruns_file(stream: Any, path: Path) -> bool:
    entries = getattr(stream, "index_entries", None)
    if not entries:
        return False
    last = entries[len(entries) - 1]
    return bool(last.pos + last.size > path.stat().st_size)
