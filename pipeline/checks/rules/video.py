"""Rules of videos (order-121 §45 1), C3)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from pipeline.checks.endings import doubled, ending, require_harmless
from pipeline.checks.registry import Limits, rule
from pipeline.checks.sound import decibels
from pipeline.checks.subject import Blocked, NotApplicable
from pipeline.checks.video import DECODES, FORMAT, LENGTH, OUTSIDE, WHOLE, Stream, VideoSubject
from pipeline.errors import Severity
from pipeline.media.movie import Track
from pipeline.media.samples import seconds
from pipeline.reports.model import Finding
from pipeline.timecode import tenths


@rule("VID-001")
def mp4_or_mov(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C3: the content is MP4 or MOV by its brands, whatever the name says."""
    if (disguise := video.disguise) is not None:
        severity: Severity | None = "warning" if disguise.mild and ending(video.name) in limits["film_names"] else None
        yield Finding(variant=disguise.variant, measured=disguise.name, expected="MP4, MOV", severity=severity)


@rule("VID-002")
def name_agrees(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C3: the name ends as the content is: .mp4 or .mov."""
    video.require_film()
    if video.disguise is not None:
        raise Blocked(FORMAT)
    require_harmless(video.name)
    allowed = sorted(f".{each.lower()}" for each in video.containers)
    if ending(video.name) not in allowed:
        shown = "MP4" if "MP4" in video.containers else "MOV"
        written = ending(video.name)
        variant = "" if written else "none"
        yield Finding(variant=variant, measured=written, expected=f".{shown.lower()}", fields={"format": shown})
    elif inner := doubled(video.name, limits["doubled"]):
        yield Finding(variant="doubled", measured=inner + ending(video.name), expected=allowed[0], severity="warning")


@rule("VID-003")
def not_too_large(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C3: at most 200 MB of 1,000,000 bytes."""
    if video.size > limits["bytes"]:
        yield Finding(measured=-(-video.size // 100_000) / 10, expected=limits["bytes"] / 1e6)


@rule("VID-004")
def not_too_long(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C3: at most 10 minutes, by the samples of the longest track and never by a header's word.

    A sample of a picture is a frame that is decoded: VID-006 makes sure that as many come out.
    A picture may be over by less than half a frame, which is rounding. A sound may be over by what its encoder adds
    before and behind (two frames and less than one more), which nobody hears.
    """
    limit = Fraction(limits["seconds"])
    others = [track for track in _others(video) if video.shown(track) > limit + Fraction(str(limits["spare_other"]))]
    spare = {b"vide": Fraction(str(limits["spare_picture_frames"])), b"soun": Fraction(limits["spare_sound_frames"])}
    tracks = [*(track for track in video.movie.pictures() if track.samples.count), *video.sounds]
    over = [track for track in tracks if video.shown(track) > limit + spare[track.handler] * _frame(track)]
    if over:
        longest = max(video.shown(track) for track in over)
        declared = video.movie.declared
        lies = declared is not None and declared <= limit
        yield Finding(
            variant="header" if lies else "",
            # Rounded up: a frame too many must not read as none.
            measured=ceil(longest * 100) / 100,
            expected=limits["seconds"],
            fields={"stated": tenths(declared)} if lies and declared is not None else {},
        )
    elif others:
        longest = max(video.shown(track) for track in others)
        yield Finding(variant="other", measured=ceil(longest * 100) / 100, expected=limits["seconds"])
    elif any(track.stored > limit + spare[track.handler] * _frame(track) for track in tracks):
        stored = max(track.stored for track in tracks)
        shown = max(video.shown(track) for track in tracks)
        yield Finding(variant="trimmed", measured=tenths(shown), fields={"stored": tenths(stored)}, severity="warning")


def _others(video: VideoSubject) -> Iterator[Track]:
    """Tracks of captions, chapters, time codes or data: players go on as long as one of them does."""
    seen = {id(track) for track in (*video.movie.pictures(), *video.sounds)}
    return (track for track in video.movie.tracks if track.samples.count and id(track) not in seen)


def _frame(track: Track) -> Fraction:
    return seconds(track.samples.usual, track.timescale)


@rule("VID-005")
def whole(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: nothing is cut off: index and boxes speak only of bytes that are there."""
    if video.cut == "short":
        missing = 100 - 100 * video.size / video.promised
        yield Finding(measured=min(99, max(1, round(missing))), expected=0)
    elif video.cut:
        yield Finding(variant=video.cut)


@rule("VID-006")
def decodes(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: picture and sound decode to the end, and no frame that the index promises is missing."""
    try:
        assert video.picture_stream
        decoded = video.decoded
    except Blocked as blocked:
        if blocked.rule != DECODES:
            raise
        yield Finding(variant="nothing")
        return
    shown = video.shown(video.picture)
    expected = min(video.picture.samples.timed, round(shown * (video.rate or 0))) or 1
    if decoded.damaged:
        yield Finding(measured=decoded.frames, expected=expected)
    elif _too_few(decoded.frames, expected, max(limits["frames"], limits["share"] * expected)):
        yield Finding(variant="fewer", measured=decoded.frames, expected=expected)


def _too_few(frames: int, expected: int, spare: float) -> bool:
    # Recordings with fields of their own have two samples for every frame that comes out.
    return frames < expected - spare and abs(2 * frames - expected) > spare


@rule("VID-007")
def has_picture(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §45 1), C3: a video has a picture; covers and pictures of a chapter list are none."""
    video.require_own()
    if video.cut:
        raise Blocked(WHOLE)
    pictures = [track for track in video.movie.pictures() if track.samples.count]
    if not pictures:
        others = video.movie.auxiliary()
        yield Finding(variant="auxiliary" if others else "", measured=others[0] if others else None)
    elif pictures[0].samples.count == 1 and max(map(video.shown, (*pictures, *video.sounds))) > limits["seconds"]:
        yield Finding(variant="one-frame", severity="warning")
    elif len(pictures) > 1:
        yield Finding(variant="several", measured=len(pictures), severity="note")


@rule("VID-008")
def has_sound(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a video of a lesson has sound."""
    assert video.picture
    if not video.sounds:
        yield Finding()
    elif len(video.sounds) > 1:
        yield Finding(variant="several", measured=len(video.sounds), severity="note")


@rule("VID-009")
def playable_codecs(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: H.264 with 8 bits and 4:2:0, and AAC, which every browser and phone plays."""
    picture = _rare_picture(video, limits)
    sound = next(filter(None, (_rare_sound(video.streams.get(each.id), each, limits) for each in video.sounds)), "")
    if picture and sound:
        yield Finding(variant="both", measured=picture, expected="H.264", fields={"sound": sound})
    elif picture:
        yield Finding(measured=picture, expected="H.264")
    else:
        stream = video.picture_stream
        if not stream.pixel_format:
            raise Blocked(DECODES)
        if stream.pixel_format not in limits["pixels"]:
            shown = f"H.264 {stream.profile}, {stream.pixel_format}"
            yield Finding(variant="profile", measured=shown, expected="H.264 High, yuv420p")
        if sound:
            yield Finding(variant="sound", measured=sound, expected="AAC")


def _rare_picture(video: VideoSubject, limits: Limits) -> str:
    """The name of the picture's codec, if it is not H.264."""
    stream = video.streams.get(video.picture.id)
    if stream is not None and not stream.codec:
        return _format(video.picture)
    codec = video.picture_stream.codec
    return "" if codec == "h264" else _named(codec, limits)


def _rare_sound(stream: Stream | None, track: Track, limits: Limits) -> str:
    """The name of a sound's codec, if it is not one that everything plays."""
    if stream is None or not stream.codec:
        return _format(track)
    if stream.codec != "aac":
        return _named(stream.codec, limits)
    return f"AAC {stream.profile}" if stream.profile in limits["rare_aac"] else ""


def _named(codec: str, limits: Limits) -> str:
    return str(limits["names"].get(codec, codec))


def _format(track: Track) -> str:
    return track.formats[0].decode("latin-1").strip() if track.formats else "?"


@rule("VID-010")
def starts_fast(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the index comes before the pictures, so that a film plays while it is still loading."""
    assert video.picture
    if video.movie.compressed:
        yield Finding(variant="compressed")
    elif video.movie.fragmented:
        yield Finding(variant="fragmented")
    elif not video.movie.fast_start:
        yield Finding()


@rule("VID-011")
def even_size(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: width and height are even, as encoders for broadcasting and the web need them."""
    stream = video.picture_stream
    if stream.width % 2 or stream.height % 2:
        yield Finding(
            measured=f"{stream.width}×{stream.height}", expected=f"{_even(stream.width)}×{_even(stream.height)}"
        )


def _even(length: int) -> int:
    return max(2, length - length % 2)


@rule("VID-012")
def constant_rate(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: frames come at even distances; rounding of timestamps and a lost frame now and then are even."""
    import numpy as np

    at = video.times
    steps = np.diff(at)
    usual = float(np.median(steps))
    if usual <= 0:
        yield Finding(variant="no-time")
        return
    # A clock that ticks a thousand times a second can only say 33 or 34 for a thirtieth.
    uneven = int((np.abs(steps - usual) > max(limits["jitter"] * usual, 1.01)).sum())
    mean = (at[-1] - at[0]) / (len(at) - 1)
    drift = float(np.abs((at - at[0]) - mean * np.arange(len(at))).max() / mean)
    many = uneven >= limits["uneven_steps"] and uneven > limits["uneven_share"] * len(steps)
    if many or drift > limits["drift_frames"]:
        scale = video.picture.timescale
        slow, fast = (_rate(scale / max(1.0, float(np.quantile(steps, each)))) for each in (0.99, 0.01))
        if slow == fast:
            longest = int(steps.argmax())
            at_seconds = tenths(seconds(int(at[longest] - at[0]), scale))
            held = round(float(steps[longest]) / scale, 2)
            yield Finding(variant="pause", measured=held, fields={"at": at_seconds})
        else:
            yield Finding(measured=_rate(scale / mean), fields={"slow": slow, "fast": fast})


def _rate(frames_a_second: float) -> float:
    return float(f"{frames_a_second:.4g}")


@rule("VID-013")
def holds_itself(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: picture and sound are in the file itself; what it points to is never opened."""
    video.require_film()
    if video.outside:
        yield Finding(measured=", ".join(video.outside))


@rule("VID-014")
def not_protected(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no track is encrypted (DRM): nobody could play or judge it."""
    if video.outside:
        raise Blocked(OUTSIDE)
    if video.protected:
        yield Finding()


@rule("VID-015")
def length_agrees(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the header states the length that the samples have; players show and seek by it."""
    declared = video.movie.declared
    tracks = [video.picture, *video.movie.tracks]
    lengths = [video.shown(track) for track in tracks] + [track.stored for track in tracks]
    if declared is None:
        raise NotApplicable
    if max(lengths) > limits["longest"]:
        raise Blocked(LENGTH)
    if min(abs(declared - each) for each in lengths) > limits["seconds"]:
        yield Finding(measured=tenths(max(lengths)), expected=tenths(declared))


@rule("VID-016")
def shows_something(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the picture is not one colour from beginning to end."""
    if video.blank:
        yield Finding()


@rule("VID-017")
def nothing_hidden(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: no archive, program, document or page lies behind the film or where players pass it over."""
    video.require_film()
    if name := video.hidden:
        yield Finding(measured=name)
    elif video.stray > limits["stray_bytes"]:
        yield Finding(variant="stray", measured=video.stray, severity="warning")


@rule("VID-018")
def something_to_hear(video: VideoSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the sound is not silence from beginning to end."""
    least = 10 ** (limits["peak_dbfs"] / 20)
    peak = video.loudest(least)
    if peak < least:
        yield Finding(variant="" if peak else "nothing", measured=decibels(peak), expected=limits["peak_dbfs"])
