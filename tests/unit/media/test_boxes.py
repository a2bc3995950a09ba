from __future__ import annotations

import struct
import subprocess
import time
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.media import boxes
from pipeline.media.boxes import brands, child, children, content, layout
from pipeline.media.movie import read_movie

CORPUS = Path(__file__).parents[2] / "corpus"


def box(type_: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(body) + 8, type_) + body


def full(type_: bytes, *numbers: int) -> bytes:
    """A box with version, flags and numbers of 32 bits."""
    return box(type_, b"\0" * 4 + b"".join(struct.pack(">I", each & 0xFFFFFFFF) for each in numbers))


def types(data: bytes) -> list[bytes]:
    return [each.type for each in layout(BytesIO(data), len(data)).boxes]


def film(table: bytes, *, timescale: int = 25, edits: bytes = b"", handler: bytes = b"vide") -> bytes:
    """A film of one track with these boxes in its `stbl`, its movie clock ticking a thousand times a second."""
    header = full(b"tkhd", 0, 0, 1, *[0] * 16)
    media = full(b"mdhd", 0, 0, timescale, 0, 0) + box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)
    track = box(b"trak", header + edits + box(b"mdia", media + box(b"minf", box(b"stbl", table))))
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", full(b"mvhd", 0, 0, 1000, 60_000, 0) + track)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "film.mp4"
    path.write_bytes(data)
    return path


def test_boxes_of_all_kinds_of_sizes_are_walked() -> None:
    long = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"
    to_the_end = struct.pack(">I4s", 0, b"free") + b"anything"
    assert types(box(b"ftyp", b"isom") + long + to_the_end) == [b"ftyp", b"mdat", b"free"]


@pytest.mark.parametrize(
    "what", [b"\0\0\0\x07free", b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x08", b"\0\0\0\x10\0\0\0\0", b"<html><script></script>"]
)
def test_what_is_no_box_ends_the_walk(what: bytes) -> None:
    found = layout(BytesIO(box(b"free") + what), 8 + len(what))
    assert [each.type for each in found.boxes] == [b"free"]
    assert found.foreign == 8


def test_a_box_that_goes_on_after_the_end_is_cut_off() -> None:
    data = box(b"mdat", bytes(100))[:50]
    assert layout(BytesIO(data), len(data)).cut_off


def test_children_never_leave_their_box() -> None:
    inside = box(b"aaaa", b"1") + struct.pack(">I4s", 1000, b"bbbb") + b"2"
    data = box(b"moov", inside) + box(b"cccc")
    assert [each.type for each in children(data, 8, 8 + len(inside))] == [b"aaaa"]
    assert child(data, b"moov/bbbb") is None


def test_millions_of_tiny_boxes_are_not_walked_to_the_end() -> None:
    data = box(b"free") * (boxes.MOST_BOXES + 1000)
    assert len(layout(BytesIO(data), len(data)).boxes) == boxes.MOST_BOXES


def test_an_index_past_all_measure_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "MOST_BYTES", 100)
    data = box(b"moov", bytes(200))
    with pytest.raises(MemoryError):
        content(BytesIO(data), layout(BytesIO(data), len(data)).boxes[0])


def test_the_major_brand_comes_first() -> None:
    assert brands(b"qt  \0\0\2\0mp42isom") == (b"qt  ", b"mp42", b"isom")


def test_lengths_agree_with_ffprobe() -> None:
    for path in (
        CORPUS / "VID-001/pass-mp4.mp4",
        CORPUS / "VID-001/pass-mov.mov",
        CORPUS / "VID-010/fail-fragmented.mp4",
    ):
        asked = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-of", "csv=p=0"]
        told = subprocess.run(
            [*asked, "-show_entries", "stream=nb_read_packets", str(path)], capture_output=True, text=True, check=True
        )
        track = read_movie(path).pictures()[0]
        assert track.samples.count == track.samples.timed == int(told.stdout.strip().strip(","))
        assert track.stored == pytest.approx(0.8)


def test_a_count_of_four_thousand_million_samples_costs_nothing(tmp_path: Path) -> None:
    table = full(b"stts", 1, 0xFFFFFFFF, 1) + full(b"stsz", 1, 0xFFFFFFFF) + full(b"stsc", 1, 1, 0xFFFFFFFF, 1)
    began = time.process_time()
    track = read_movie(written(tmp_path, film(table + full(b"stco", 1, 40)))).tracks[0]
    assert time.process_time() - began < 1
    assert track.samples.ticks == 0xFFFFFFFF
    assert track.samples.end > 1_000_000_000
    assert track.samples.shown_at() is None


def test_a_table_holds_no_more_entries_than_its_bytes(tmp_path: Path) -> None:
    track = read_movie(written(tmp_path, film(full(b"stts", 0xFFFFFFFF, 10, 1)))).tracks[0]
    assert track.samples.timed == 10


def test_tables_that_count_differently_contradict_each_other(tmp_path: Path) -> None:
    table = full(b"stts", 1, 100, 1) + full(b"stsz", 10, 50) + full(b"stsc", 1, 1, 50, 1) + full(b"stco", 1, 40)
    assert read_movie(written(tmp_path, film(table))).tracks[0].samples.contradiction


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([], 40),
        ([(10_000, 0)], 10),
        ([(0, 0)], 40),  # the rest, as fragmented files say it
        ([(5000, -1), (40_000, 0)], 45),  # five seconds of nothing first
        ([(10_000, 0), (10_000, 500)], 20),
        ([(90_000, 250)], 30),  # more than there is
        ([(90_000, 99_999)], 0),
    ],
)
def test_an_edit_list_says_what_is_shown(tmp_path: Path, edits: list[tuple[int, int]], shown: int) -> None:
    table = full(b"stts", 1, 1000, 1) + full(b"stsz", 10, 1000)
    entries = [number for length, start in edits for number in (length, start, 0x10000)]
    listed = box(b"edts", full(b"elst", len(edits), *entries)) if edits else b""
    movie = read_movie(written(tmp_path, film(table, edits=listed)))
    assert movie.tracks[0].stored == 40
    assert movie.tracks[0].shown(movie.clock) == shown


@pytest.mark.parametrize("version", ["fail-compressed-index.mov", "fail-index-at-the-end.mp4"])
def test_a_compressed_index_is_read_like_any_other(version: str) -> None:
    movie = read_movie(CORPUS / "VID-010" / version)
    assert movie.compressed == (version == "fail-compressed-index.mov")
    assert [track.handler for track in movie.tracks] == [b"vide", b"soun"]


def test_a_compressed_index_cannot_grow_without_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zlib

    from pipeline.media import movie

    monkeypatch.setattr(movie, "MOST_BYTES", 1000)
    packed = box(b"dcom", b"zlib") + box(b"cmvd", b"\0\0\0\0" + zlib.compress(bytes(50_000_000)))
    path = written(tmp_path, box(b"ftyp", b"qt  \0\0\0\0") + box(b"moov", box(b"cmov", packed)))
    assert read_movie(path).tracks == ()
