"""A submitted video (C3) as a subject: its boxes and sample tables first, its streams next, its frames last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.checks.decoded_video import DecodedVideo, blank, decode, loudest, thumbnail
from pipeline.checks.subject import Blocked, NotApplicable, Subject
from pipeline.media import sniff
from pipeline.media.foreign import foreign
from pipeline.media.leftover import hidden_in_film, stray_in_film
from pipeline.media.movie import Movie, Track, read_movie

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT, LENGTH, WHOLE, DECODES, PICTURE = "VID-001", "VID-004", "VID-005", "VID-006", "VID-007"
CODEC, OUTSIDE, PROTECTED = "VID-009", "VID-013", "VID-014"
"""Rules whose findings leave others without their facts."""

_MP4 = {b"isom", b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"dash", b"msdh", b"msix", b"cmfc",
        b"cmf2", b"cmfs", b"piff", b"isml", b"f4v ", b"F4V ", b"MSNV", b"XAVC", b"hvc1", b"hev1",
        *(b"iso%c" % each for each in b"2345678abc")}  # fmt: skip
_QUICKTIME = b"qt  "
_STILLS = {b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC", b"hevx": "HEIC",
           b"mif1": "HEIF", b"msf1": "HEIF", b"avif": "AVIF", b"avis": "AVIF", b"crx ": "CR3", b"jp2 ": "JPEG 2000",
           b"jxl ": "JPEG XL"}  # fmt: skip
_SOUNDS = {b"M4A ": "M4A", b"M4B ": "M4B", b"M4P ": "M4P", b"F4A ": "F4A", b"F4B ": "F4B"}
_SOUND_KINDS = {sniff.WAV, sniff.MP3, sniff.AAC, sniff.FLAC}


@dataclass(frozen=True, slots=True)
class Disguise:
    """What a file is instead of a film in MP4 or MOV: a word for the rule's variant, and the usual name."""

    variant: str
    name: str
    mild: bool = False
    """Players and the platform will most likely take it all the same."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What the decoders say of a track. Sizes in pixels as coded; `shape` is width to height of a pixel."""

    index: int
    id: int
    codec: str
    profile: str
    pixel_format: str = ""
    width: int = 0
    height: int = 0
    shape: Fraction = Fraction(1)


class VideoSubject(Subject):
    """An MP4 or MOV file, or what claims to be one."""

    @cached_property
    def movie(self) -> Movie:
        """What the boxes say. Raises Blocked for what is no film, NotRun for an index past all measure."""
        if not self._boxed:
            raise Blocked(FORMAT)
        return read_movie(self.path)

    @property
    def _boxed(self) -> bool:
        return sniff.sniff_bytes(self.head[: sniff.HEAD_BYTES]) is sniff.ISO_MEDIA

    @cached_property
    def disguise(self) -> Disguise | None:
        """What the file is, if it is neither MP4 nor MOV."""
        return self._wrong_brand() if self._boxed else self._not_boxed()

    def _not_boxed(self) -> Disguise:
        media = sniff.sniff_bytes(self.head[: sniff.HEAD_BYTES])
        if media in _SOUND_KINDS and media is not None:
            return Disguise("sound", media.name)
        if self.head[4:8] == b"jP  " or self.head[4:8] == b"JXL ":
            return Disguise("picture", "JPEG 2000" if self.head[4:8] == b"jP  " else "JPEG XL")
        if media is not None:
            return Disguise("other-video", media.name)
        what = foreign(self.head)
        return Disguise(what.nature, what.name) if what is not None else Disguise("", "")

    def _wrong_brand(self) -> Disguise | None:
        movie = self.movie
        if not movie.brands and not any(box.type in {b"moov", b"mdat"} for box in movie.layout.boxes):
            return Disguise("", "")
        major = movie.brands[0] if movie.brands else _QUICKTIME
        if major in _STILLS:
            return Disguise("picture", _STILLS[major])
        if major in _SOUNDS and movie.indexed and not movie.pictures():
            return Disguise("sound", _SOUNDS[major])
        if major[:3] in {b"3gp", b"3g2", b"3gr", b"3gs", b"3ge"}:
            return Disguise("3gp", "3GP", mild=bool(_MP4.intersection(movie.brands)))
        if self.containers or (major in _SOUNDS):
            return None
        return Disguise("brand", major.decode("latin-1").strip())

    @cached_property
    def containers(self) -> frozenset[str]:
        """MP4, MOV or both: what the brands allow the file to be called."""
        brands = self.movie.brands or (_QUICKTIME,)
        found = {"MP4"} if _MP4.intersection(brands) or brands[0] in _SOUNDS else set()
        if _QUICKTIME in brands:
            found.add("MOV")
        return frozenset(found)

    def require_film(self) -> None:
        """Raises Blocked for what is neither MP4 nor MOV."""
        if self.disguise is not None and not self.disguise.mild:
            raise Blocked(FORMAT)

    def require_own(self) -> None:
        """Raises Blocked as well where the samples lie in other files, which are never opened."""
        self.require_film()
        if self.outside:
            raise Blocked(OUTSIDE)

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """Kinds of references to other files that hold what should be in this one."""
        kinds = [each.decode("latin-1").strip() for track in self.movie.tracks for each in track.outside]
        return tuple(dict.fromkeys(["rmra"] * self.movie.outside + kinds))

    @cached_property
    def cut(self) -> str:
        """How the file is cut off or its index broken: "short", "no-index", "contradiction", or nothing."""
        self.require_own()
        movie = self.movie
        if not movie.indexed:
            return "no-index"
        tracks = [*movie.pictures(), *movie.sounds()]
        if movie.layout.cut_off or any(track.samples.end > self.size for track in tracks):
            return "short"
        if any(track.samples.contradiction for track in tracks):
            return "contradiction"
        return ""

    @cached_property
    def promised(self) -> int:
        """Bytes that the file should have by its own word."""
        ends = [track.samples.end for track in self.movie.tracks]
        return max([self.movie.layout.boxes[-1].end, *ends])

    @cached_property
    def picture(self) -> Track:
        """The first picture track that shows something. Raises Blocked where there is none or the file is cut off."""
        if self.cut:
            raise Blocked(WHOLE)
        found = next((track for track in self.movie.pictures() if track.samples.count), None)
        if found is None:
            raise Blocked(PICTURE)
        return found

    @cached_property
    def sounds(self) -> list[Track]:
        """Sound tracks that hold something. Raises Blocked for a file that is cut off."""
        if self.cut:
            raise Blocked(WHOLE)
        return [track for track in self.movie.sounds() if track.samples.count]

    @property
    def protected(self) -> bool:
        """A picture or sound track is encrypted. Raises Blocked."""
        self.require_film()
        return any(track.protected for track in (*self.movie.pictures(), *self.movie.sounds()))

    def shown(self, track: Track) -> Fraction:
        """Seconds of a track as a player shows it, by its samples and its edit list."""
        return track.shown(self.movie.clock)

    @cached_property
    def streams(self) -> Mapping[int, Stream]:
        """Track id -> what the decoders say of it. Raises Blocked for what must not or cannot be opened."""
        if self.protected:
            raise Blocked(PROTECTED)
        if self.cut:
            raise Blocked(WHOLE)
        return _streams(self)

    @cached_property
    def picture_stream(self) -> Stream:
        """The stream of `picture`. Raises Blocked where its frames cannot be decoded at all."""
        found = self.streams.get(self.picture.id)
        if found is not None and not found.codec:
            raise Blocked(CODEC)
        if found is None or not found.width or not found.height:
            raise Blocked(DECODES)
        return found

    @cached_property
    def times(self) -> NDArray[np.int64]:
        """When each frame is shown, in ticks. Raises NotApplicable for fewer than three or too many to look at."""
        at = self.picture.samples.shown_at()
        if at is None or len(at) < 3 or self.picture.timescale <= 0:
            raise NotApplicable
        return at

    @cached_property
    def decoded(self) -> DecodedVideo:
        """Everything decoded, once. Raises Blocked, NotRun."""
        indices = [self.streams[track.id].index for track in (self.picture, *self.sounds) if self._has_decoder(track)]
        if not indices:
            raise Blocked(CODEC)
        return decode(self.path, self.name, indices)

    def _has_decoder(self, track: Track) -> bool:
        return track.id in self.streams and bool(self.streams[track.id].codec)

    @cached_property
    def blank(self) -> bool:
        """Every one of some frames, taken all over the film, is a single colour. Raises Blocked."""
        found = blank(self.path, self.picture_stream.index, self.shown(self.picture))
        if found is None:
            raise Blocked(DECODES)
        return found

    def loudest(self, enough: float) -> float:
        """The peak of the loudest sound track, looked for until it is `enough`. Raises Blocked, NotApplicable."""
        indices = [self.streams[each.id].index for each in self.sounds if self._has_decoder(each)]
        if not indices:
            raise NotApplicable
        peaks = [loudest(self.path, index, enough) for index in indices]
        heard = [peak for peak in peaks if peak is not None]
        if not heard:
            raise Blocked(DECODES)
        return max(heard)

    @property
    def rate(self) -> Fraction | None:
        """Frames a second, on average; None for a single frame."""
        samples, ticks = self.picture.samples, self.picture.samples.ticks
        return Fraction(samples.timed * self.picture.timescale, ticks) if ticks and samples.timed > 1 else None

    @property
    def displayed(self) -> tuple[int, int]:
        """Width and height as shown: pixel shape and rotation taken into account. Raises Blocked."""
        stream = self.picture_stream
        width, height = round(stream.width * stream.shape), stream.height
        return (height, width) if self.picture.rotation in {90, 270} else (width, height)

    @cached_property
    def hidden(self) -> str:
        """The name of what the film carries along and no player needs: an archive, a program, a document, a page."""
        return hidden_in_film(self.path, self.movie)

    @cached_property
    def stray(self) -> int:
        """Bytes that belong to no film."""
        return stray_in_film(self.path, self.movie)

    def facts(self) -> Mapping[str, Any]:
        try:
            tracks = (self.picture, *self.sounds)
            facts: dict[str, Any] = {
                "seconds": round(float(max(self.shown(track) for track in tracks)), 3),
                "fps": round(float(self.rate), 3) if self.rate else None,
                "tracks": len(self.movie.tracks),
            }
            facts["codecs"] = [self.streams[each.id].codec for each in tracks if each.id in self.streams]
            facts["width"], facts["height"] = self.displayed
        except (Blocked, NotApplicable):
            return {}
        return facts

    def thumbnail(self) -> bytes:
        try:
            return thumbnail(self.path, self.picture_stream.index, self.picture.rotation)
        except (Blocked, NotApplicable):
            return b""


def _streams(video: VideoSubject) -> dict[int, Stream]:
    from av.error import FFmpegError

    from pipeline.media.container import open_media

    try:
        with open_media(video.path, sniff.ISO_MEDIA.demuxer) as container:
            return {each.id: _stream(each) for each in container.streams if each.type in {"video", "audio"}}
    except (FFmpegError, ValueError) as error:
        raise Blocked(DECODES) from error


def _stream(stream: Any) -> Stream:
    context = stream.codec_context
    if context is None:
        return Stream(stream.index, stream.id, "", "")
    if stream.type == "audio":
        return Stream(stream.index, stream.id, context.name, str(context.profile or ""))
    shape = stream.sample_aspect_ratio or Fraction(1)
    return Stream(
        stream.index,
        stream.id,
        context.name,
        str(context.profile or ""),
        context.pix_fmt or "",
        context.width,
        context.height,
        shape if shape > 0 else Fraction(1),
    )
