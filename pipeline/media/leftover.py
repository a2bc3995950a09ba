"""What of an MP4 or MOV file no player needs: boxes passed over, media data that no sample lies in, what stands behind.

Samples of picture and sound are never looked into: they are judged by decoding them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.media.boxes import AT_THE_TOP
from pipeline.media.hidden import begins, hidden_tail, hidden_within, stray
from pipeline.media.movie import Movie
from pipeline.media.samples import gaps

_KNOWN = AT_THE_TOP | {b"junk", b"pdin", b"ssix", b"bloc", b"meco", b"sefd", b"mpvd", b"thum"}
"""Boxes that writers are known to put at the top of a file."""

_INDEX = {b"ftyp", b"moov", b"moof", b"sidx", b"styp", b"mfra"}
"""Boxes that players do read; there are things inside that they do not."""

_MOST_REGIONS = 20_000
_MOST_SEARCHED = 250_000_000
"""Bytes; larger films are turned away for their size."""


def hidden_in_film(path: Path, movie: Movie) -> str:
    """The name of an archive, program, document or page that a film carries along. Raises OSError."""
    layout = movie.layout
    boxes = [(box, min(box.end, layout.size)) for box in layout.boxes if box.type != b"mdat"]
    starts = [box.body + (16 if box.type == b"uuid" else 0) for box, _ in boxes if box.type not in _INDEX]
    unused = list(_unused(movie))
    whole = {box.body for box in layout.boxes if box.type == b"mdat"}.intersection(start for start, _ in unused)
    behind = layout.foreign if layout.foreign is not None else layout.size
    return (
        begins(path, [*starts, *sorted(whole)][:_MOST_REGIONS])
        or hidden_within(path, _bounded([(box.body, end) for box, end in boxes]), texts=True)
        # Captions lie there as well, and may speak of scripts.
        or hidden_within(path, _bounded(unused), texts=False)
        or hidden_tail(path, layout.size, behind)
    )


def stray_in_film(path: Path, movie: Movie) -> int:
    """Bytes behind the last box and in boxes that nobody knows; zeros are fillers. Raises OSError."""
    layout = movie.layout
    unknown = [box for box in layout.boxes if box.type not in _KNOWN][:_MOST_REGIONS]
    held = sum(stray(path, box.body, min(box.end, layout.size)) for box in unknown)
    return held + (stray(path, layout.foreign, layout.size) if layout.foreign is not None else 0)


def _unused(movie: Movie) -> Iterator[tuple[int, int]]:
    """The pieces of `mdat` that are no sample of a picture or a sound."""
    needed = [track.samples for track in (*movie.pictures(), *movie.sounds())]
    for box in movie.layout.boxes:
        if box.type == b"mdat":
            yield from gaps(needed, box.body, min(box.end, movie.layout.size))


def _bounded(regions: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The largest regions, cut where there are more bytes than anybody reads."""
    left = _MOST_SEARCHED
    for start, end in sorted(regions, key=lambda each: each[0] - each[1])[:_MOST_REGIONS]:
        yield start, min(end, start + left)
        left = max(0, left - (end - start))
