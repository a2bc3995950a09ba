"""A submitted sound (C2) as a subject: its format, its frames or chunks, its tags, and what really comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log10
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Any, Literal

from pipeline.checks.subject import HEAD_BYTES, Blocked, Subject
from pipeline.media import sniff
from pipeline.media.foreign import Foreign, foreign
from pipeline.media.hidden import harmful
from pipeline.media.id3 import Kept, Tags, id3_frames, read_tags
from pipeline.media.mpeg_audio import Frames, read_frames
from pipeline.media.riff import Wave, read_wave

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT, WHOLE, DECODES, CODING = "SND-001", "SND-004", "SND-005", "SND-011"
"""Rules whose findings leave others without their facts."""

_MUSIC = {b"#!AMR": "AMR", b"MThd": "MIDI", b"FORM": "AIFF", b"caff": "CAF", b"MAC ": "APE", b"wvpk": "WavPack",
          b"RIFX": "RIFX"}  # fmt: skip
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
_FULL_SCALE = {"pcm_u8": 127 / 128, "pcm_mulaw": 32124 / 32768, "pcm_alaw": 32256 / 32768}
_NEARLY = 1 - 3 / 32768
"""Of full scale: what rounding and dither leave of a clipped sample. The round top of a deep tone is not so flat."""
_MOST_LETTERS = 8
"""Bytes that may look like letters by chance."""

_MOST_BROKEN = 2
"""Packets that decode to nothing where two recordings were joined; players step over them."""


@dataclass(frozen=True, slots=True)
class Disguise:
    """What a file is instead of sound in MP3 or WAV: a word for the rule's variant, and the usual name."""

    variant: str
    name: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out of the decoder. `peak` 1.0 is full scale; `runs` counts flattened tops by their length."""

    samples: int
    rate: int
    peak: float
    runs: Mapping[int, int]
    """Length of a run of full-scale samples -> how many there are, over all channels."""
    first_run: float
    """Seconds to the first run of at least SHORTEST_RUN."""
    failed_at: float | None
    """Seconds decoded before the decoder gave up (None: it did not)."""

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands before the first frame of an MP3 and behind its tags."""

    size: int
    name: str
    """Of an archive, a program, a page or a playlist in it."""
    text: bool
    """It can be read: nothing of a cut-off frame."""


SHORTEST_RUN = 3
"""Samples at full scale in a row; fewer are a peak."""


class SoundSubject(Subject):
    """An MP3 or WAV file, or what claims to be one."""

    @cached_property
    def tags(self) -> Tags:
        """The tags around the sound; of a WAV file, those in its `id3 ` chunk."""
        if self.disguise is None and self.format == "WAV":
            return Tags(0, self.size, tuple(self._chunk_tags()))
        return self._tags_of_mp3

    @cached_property
    def _tags_of_mp3(self) -> Tags:
        if not self.size:
            return Tags(0, 0, ())
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return read_tags(data, self.size)

    def _chunk_tags(self) -> list[Kept]:
        kept: list[Kept] = []
        for chunk in self.wave.chunks:
            if chunk.type.lower() == b"id3 " and chunk.size <= 16_000_000:
                kept += id3_frames(self.piece(chunk.start, chunk.size).ljust(10, b"\0"))
        return kept

    def piece(self, start: int, length: int) -> bytes:
        """Bytes of the file."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    @cached_property
    def disguise(self) -> Disguise | None:
        """What the file is, if it is neither MP3 nor WAV."""
        if self.head[:4] in {b"RIFF", b"RF64"} and self.head[8:12] == b"WAVE":
            return None
        start = self._tags_of_mp3.start
        head = self.head if not start else self.piece(start, HEAD_BYTES)
        told = self._told(head, start)
        if told is not None:
            return told
        frames = self._frames
        if frames is None:
            return Disguise("", "")
        return None if frames.first.layer == 3 else Disguise("other-sound", f"MP{frames.first.layer}")

    def _told(self, head: bytes, start: int) -> Disguise | None:
        """What the content behind leading tags says at first sight that is not MP3."""
        media = sniff.sniff_bytes(head[: sniff.HEAD_BYTES])
        if media is sniff.MP3:
            return None
        if media is not None:
            return _of_media(media, head)
        for magic, name in _MUSIC.items():
            if head.startswith(magic):
                return Disguise("other-sound", name)
        what = foreign(head) if head or not start else Foreign("empty")
        if what is not None and (what.nature != "text" or self._frames is None):
            return Disguise(what.nature, what.name)
        return None

    @cached_property
    def format(self) -> Literal["MP3", "WAV"]:
        """The format by content. Raises Blocked for anything else."""
        if self.disguise is not None:
            raise Blocked(FORMAT)
        return "WAV" if self.head[8:12] == b"WAVE" else "MP3"

    @cached_property
    def _frames(self) -> Frames | None:
        tags = self._tags_of_mp3
        if tags.end <= tags.start:
            return None
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return read_frames(data, tags.start, tags.end)

    @property
    def frames(self) -> Frames | None:
        """The frames of an MP3; None for a WAV. Raises Blocked."""
        return self._frames if self.format == "MP3" else None

    @cached_property
    def ahead(self) -> Ahead:
        """What stands before the first frame; zeros are fillers. Raises Blocked."""
        frames = self.frames
        start = self._tags_of_mp3.start
        end = frames.start if frames is not None else start
        piece = self.piece(start, end - start).strip(b"\0")
        what = foreign(piece) if piece else None
        named = what.name if what is not None and what.nature in {"html", "playlist"} else ""
        text = what is not None and what.nature == "text" and len(piece) > _MOST_LETTERS
        return Ahead(len(piece), named or harmful(piece), text)

    @cached_property
    def wave(self) -> Wave:
        """The chunks of a WAV. Raises Blocked."""
        if self.format != "WAV":
            raise Blocked(FORMAT)
        return read_wave(self.path)

    @cached_property
    def missing(self) -> float:
        """The share of the sound, by the file's own word, that is not there; 0 for a whole file."""
        if self.format == "WAV":
            data = self.wave.data
            if data is None or not self.wave.rate or not self.wave.channels:
                return 1.0
            return 0.0 if self.wave.unfinished or data.end <= self.size else 1 - self.wave.held / data.size
        frames = self._frames
        assert frames is not None
        # A header that lies about the frames alone is another matter: bytes and frames must both be missing.
        short = frames.declared is not None and frames.count < frames.declared - 1
        held = frames.bytes + frames.junk
        if short and frames.declared_bytes and held + 2 * frames.first.size < frames.declared_bytes:
            return 1 - held / frames.declared_bytes
        return 0.0

    @property
    def impossible(self) -> bool:
        """The header of a WAV tells no channels, or no samples a second."""
        return self.format == "WAV" and self.wave.data is not None and not (self.wave.rate and self.wave.channels)

    @property
    def whole(self) -> bool:
        """Nothing is cut off, and there is something."""
        return not self.missing and not self.without_sound

    @property
    def without_sound(self) -> bool:
        """The file is in order but holds not one sample."""
        return not self.wave.held if self.format == "WAV" else not (self._frames and self._frames.count)

    def require_whole(self) -> None:
        """Raises Blocked where the format or the cut-off end of the file is what has to be told."""
        if not self.whole:
            raise Blocked(WHOLE)

    @cached_property
    def decoded(self) -> Decoded:
        """Everything decoded, once. Raises Blocked for a file that is cut off or coded as nobody decodes it."""
        self.require_whole()
        if self.format == "WAV" and self.wave.odd_width:
            raise Blocked(CODING)
        return _decode(self)

    @property
    def decodable(self) -> Decoded:
        """As `decoded`. Raises Blocked as well where decoding failed."""
        if self.decoded.failed_at is not None or not self.decoded.samples:
            raise Blocked(DECODES)
        return self.decoded

    def facts(self) -> Mapping[str, Any]:
        try:
            if self.format == "MP3":
                frames = self._frames
                assert frames is not None
                return {
                    "format": "MP3",
                    "seconds": round(frames.seconds, 3),
                    "rate": frames.first.rate,
                    "channels": frames.first.channels,
                }
            wave = self.wave
            seconds = wave.held / wave.bytes_per_second if wave.bytes_per_second else 0.0
            return {
                "format": f"WAV ({wave.format_name})",
                "seconds": round(seconds, 3),
                "rate": wave.rate,
                "channels": wave.channels,
            }
        except Blocked:
            return {}


def _of_media(media: sniff.Kind, head: bytes) -> Disguise:
    if media is sniff.OGG:
        return Disguise("other-sound", _ogg(head))
    if media is sniff.ISO_MEDIA and head[8:12] in _SOUND_BRANDS:
        return Disguise("other-sound", "M4A")
    sound = media in {sniff.AAC, sniff.FLAC, sniff.ASF}
    return Disguise("other-sound" if sound else "video", media.name)


def _ogg(head: bytes) -> str:
    return "Opus" if b"OpusHead" in head[:200] else "Ogg"


def _decode(sound: SoundSubject) -> Decoded:
    from av.error import FFmpegError

    from pipeline.media.container import open_media

    meter = _Meter()
    broken: list[float] = []
    expected, end = (sound.frames.seconds, sound.frames.end) if sound.frames is not None else (float("inf"), None)
    try:
        with open_media(sound.path, "wav" if sound.format == "WAV" else "mp3") as container:
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                raise Blocked(CODING)
            meter.begin(stream.rate, _FULL_SCALE.get(stream.codec_context.name, 1.0))
            for packet in container.demux(stream):
                # What stands behind the last frame (a player's own notes) is no sound.
                if end is not None and packet.pos is not None and packet.pos >= end:
                    break
                try:
                    for frame in packet.decode():
                        meter.take(frame.to_ndarray(), planar=frame.format.is_planar, channels=frame.layout.nb_channels)
                except FFmpegError:
                    broken.append(meter.seconds)
                    if len(broken) > _MOST_BROKEN:
                        break
    except (FFmpegError, ValueError, IndexError):
        broken.append(meter.seconds)
    failed = bool(broken) and meter.seconds < expected - 0.2
    return meter.result(broken[0] if failed else None)


class _Meter:
    """Peak and runs of full-scale samples of a sound that comes in pieces."""

    def __init__(self) -> None:
        self.samples, self.rate, self.peak = 0, 0, 0.0
        self._level = _NEARLY
        self._runs: dict[int, int] = {}
        self._open: list[int] = []
        self._first_run = -1

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0

    def begin(self, rate: int, full_scale: float) -> None:
        self.rate, self._level = rate, full_scale * _NEARLY

    def take(self, block: NDArray[Any], *, planar: bool, channels: int) -> None:
        """One decoded block, as PyAV hands it out: (channels, n), or (1, n * channels) where samples alternate."""
        import numpy as np

        if not planar:
            block = block.reshape(-1, channels).T
        scale = {"uint8": 128.0, "int16": 32768.0, "int32": 2147483648.0, "int64": 2.0**63}.get(block.dtype.name)
        if scale is not None:
            block = (block - np.float64(128)) / scale if block.dtype.name == "uint8" else block / np.float64(scale)
        sizes = np.nan_to_num(np.abs(block), nan=0.0, posinf=1.0)
        top = float(sizes.max(initial=0.0))
        self.peak = max(self.peak, top)
        if top >= self._level or any(self._open):
            self._count(sizes >= self._level)
        self.samples += block.shape[1]

    def _count(self, full: NDArray[np.bool_]) -> None:
        import numpy as np

        if len(self._open) != len(full):
            self._open = [0] * len(full)
        for channel, row in enumerate(full):
            edges = np.flatnonzero(np.diff(np.concatenate(([0], row.view(np.int8), [0]))))
            begins, ends = edges[::2], edges[1::2]
            lengths = ends - begins
            if len(lengths) and not begins[0]:
                lengths[0] += self._open[channel]
            elif self._open[channel]:
                self._close(self._open[channel])
            still = bool(len(ends)) and ends[-1] == len(row)
            for length in lengths[: len(lengths) - still]:
                self._close(int(length))
            self._open[channel] = int(lengths[-1]) if still else 0

            long = begins[lengths >= SHORTEST_RUN]
            if self._first_run < 0 and len(long):
                self._first_run = self.samples + int(long[0])

    def _close(self, length: int) -> None:
        if length >= SHORTEST_RUN:
            self._runs[length] = self._runs.get(length, 0) + 1

    def result(self, failed_at: float | None) -> Decoded:
        for length in self._open:
            self._close(length)
        first = self._first_run / self.rate if self._first_run >= 0 and self.rate else 0.0
        return Decoded(self.samples, self.rate, self.peak, self._runs, first, failed_at)


def decibels(peak: float) -> int | None:
    """A peak in whole dBFS; None for no sound at all."""
    return round(20 * log10(peak)) if peak else None
