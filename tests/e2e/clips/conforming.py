"""One clip through the product, without a lesson around it: house-format segments, stitched to a film."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp

from pipeline.errors import Place
from pipeline.media.probe import probe
from pipeline.render.clips import clip_segments
from pipeline.render.segments import Segment
from pipeline.render.stitch import Labels, Piece, stitch
from pipeline.specs import HouseFormat, load_house_format, load_profile
from pipeline.timeline.model import ClipShot

from .footage import ffmpeg

FPS = Fraction(25)
HOUSE = load_house_format()

SMALL = replace(HOUSE, width=480, height=270, crf=12)
"""The house format in small: what is true of time, order and joints does not depend on the raster."""

_BITS = 8_000_000


@dataclass(frozen=True)
class Bench:
    """Conforms clips into films in a folder of its own."""

    folder: Path
    silence: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Bench:
        silence = folder / "silence.m4a"
        ffmpeg(*("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "1", "-c:a", "aac", silence))
        return cls(folder, silence)

    def film(
        self,
        clip: Path,
        frames: int,
        *,
        start: Fraction | float = Fraction(0),
        held: int = 0,
        house: HouseFormat = SMALL,
        segment: int = 50,
    ) -> Path:
        """The clip from second `start` on as a film of `frames` frames, the last `held` of them at rest.

        `segment` is the length of the pieces it is made in.
        """
        shot = ClipShot(
            start=0,
            frames=frames,
            part="explanation",
            file=clip,
            name=clip.name,
            source_start=Fraction(str(start)) if isinstance(start, float) else Fraction(start),
            held=held,
            credit=None,
            captions=(),
            place=Place("lesson.yaml", 1, 1),
        )
        house = replace(house, segment_frames=segment, gop=min(segment, house.gop))
        segments = clip_segments(shot, probe(clip), "digest", house, FPS, _BITS, None, None)
        folder = Path(mkdtemp(dir=self.folder))
        return self._stitched(segments, folder)

    def _stitched(self, segments: Sequence[Segment], folder: Path) -> Path:
        """Encode the segments and join them as the product does: other parameter sets would be refused."""
        pieces = []
        for segment in segments:
            made = folder / f"{segment.key}.mp4"
            log = segment.encode(made, lambda _: None, threading.Event())
            assert not log, f"sound footage made the decoder complain: {log}"
            pieces.append(Piece(made, segment.uses))
        film = folder / "film.mp4"
        labels = Labels("", "", "kk", "", ())
        written = stitch(pieces, self.silence, None, labels, load_profile(), FPS, film)
        assert written == sum(segment.shown for segment in segments)
        return film
