"""Files as they arrive: cut off, misnamed, oddly named, or not media at all."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.errors import LessonError, MediaError
from pipeline.media.probe import probe

from . import eye
from .conforming import FPS, Bench
from .footage import LONG_GROUPS, X264, beeps, clock_clip, times
from .lessons import SHORT, film_of, write_lesson

SECONDS = 10
GROUPS = (*X264, "-g", "25")


# Cut off -----------------------------------------------------------------------------------------


def cut(path: Path, share: float) -> Path:
    """What is left when a copy stops after a share of the bytes."""
    data = path.read_bytes()
    short = path.with_stem(f"{path.stem}-cut")
    short.write_bytes(data[: int(len(data) * share)])
    return short


def last_clock(clip: Path) -> Fraction:
    """The time that the last whole picture of a file says, by the judge's own decoder."""
    raw = [each for each in eye.clocks_of_damaged(clip) if each is not None]
    return Fraction(raw[-1], 1000)


def test_length_of_a_cut_off_mp4_is_what_can_be_seen(bench: Bench, tmp_path: Path) -> None:
    """The index at the front promises ten seconds; six tenths of the pictures are there."""
    whole = clock_clip(tmp_path / "clip.mp4", times(SECONDS * 25, 25), *GROUPS, "-movflags", "+faststart")
    assert not probe(whole).cut_off
    clip = cut(whole, 0.6)
    facts = probe(clip)
    assert facts.cut_off
    assert abs(facts.duration - last_clock(clip) - Fraction(1, 25)) <= Fraction(2, 25)
    frames = int(facts.duration * FPS)
    clocks = eye.clocks(bench.film(clip, frames))
    assert clocks[: frames - 2] == [40 * number for number in range(frames - 2)]


@pytest.mark.parametrize("container", ["mkv", "ts", "avi"])
def test_length_of_other_cut_off_files_is_what_can_be_seen(container: str, bench: Bench, tmp_path: Path) -> None:
    whole = clock_clip(tmp_path / f"clip.{container}", times(SECONDS * 25, 25), *GROUPS)
    clip = cut(whole, 0.6)
    facts = probe(clip)
    # A transport stream promises no length, so that nothing tells that it was longer.
    assert facts.cut_off == (container != "ts")
    assert abs(facts.duration - last_clock(clip) - Fraction(1, 25)) <= Fraction(2, 25)


def test_mp4_without_its_index_is_a_clear_error(tmp_path: Path) -> None:
    whole = clock_clip(tmp_path / "clip.mp4", times(50, 25), *GROUPS)
    clip = cut(whole, 0.7)
    assert b"moov" not in clip.read_bytes()
    with pytest.raises(MediaError) as caught:
        probe(clip, name="media/clip.mp4")
    problem = caught.value.problems[0]
    assert problem.code == "media.broken"
    assert problem.fields["name"] == "media/clip.mp4"
    assert problem.fields["kind"] == "MP4/MOV"


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_sound_that_goes_on_after_the_picture_is_no_damage(container: str, tmp_path: Path) -> None:
    wav = beeps(tmp_path / "beeps.wav", 8, [1])
    clip = clock_clip(tmp_path / f"clip.{container}", times(100, 25), wav=wav)
    facts = probe(clip)
    assert not facts.cut_off
    assert abs(facts.duration - 4) <= Fraction(1, 25)


# Names -------------------------------------------------------------------------------------------

NAMES = [
    "с пробелами и «кавычками».mp4",
    'it\'s "quoted" `so`.mp4',
    "-i -f lavfi.mp4",
    "12:30 сабақ.mp4",
    "100% %03d %s.mp4",
    "қазақша сөз; rm -rf $HOME & [0:v]=,.mp4",
    "back\\slash.mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name_works(name: str, bench: Bench, tmp_path: Path) -> None:
    made = clock_clip(tmp_path / "plain.mp4", times(5, 25))
    clip = made.rename(tmp_path / name)
    assert eye.clocks(bench.film(clip, 5)) == [0, 40, 80, 120, 160]


MISNAMED = {"Matroska": ("mkv", X264), "AVI": ("avi", X264), "transport stream": ("ts", LONG_GROUPS)}


@pytest.mark.parametrize(("container", "codec"), MISNAMED.values(), ids=MISNAMED)
def test_content_counts_and_not_the_extension(
    container: str, codec: tuple[str, ...], bench: Bench, tmp_path: Path
) -> None:
    made = clock_clip(tmp_path / f"clip.{container}", times(50, 25), *codec)
    clip = made.rename(tmp_path / "clip.mp4")
    assert eye.clocks(bench.film(clip, 10, start=1)) == [1000 + 40 * number for number in range(10)]


def test_transport_stream_that_starts_within_a_packet(bench: Bench, tmp_path: Path) -> None:
    """A receiver's recording begins anywhere; so does a file cut by size."""
    made = clock_clip(tmp_path / "clip.ts", times(75, 25), *X264, "-g", "12")
    clip = tmp_path / "cut.ts"
    clip.write_bytes(made.read_bytes()[188 * 40 + 100 :])
    facts = probe(clip)
    clocks = eye.clocks(bench.film(clip, 20, start=1))
    assert facts.demuxer == "mpegts"
    assert None not in clocks
    assert {(second or 0) - (first or 0) for first, second in pairwise(clocks)} == {40}


# Disguises ---------------------------------------------------------------------------------------


class Sentinel:
    """A file and a server that nobody may touch; tells who did."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "secret.mp4"
        self.file.write_bytes(b"not for you")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK)
        in_open = 0x20
        assert self._watch >= 0
        assert self._libc.inotify_add_watch(self._watch, os.fsencode(self.file), in_open) >= 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0)
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"

    def touched(self) -> bool:
        """Whether the file was opened or the server called since the last question."""
        try:
            opened = bool(os.read(self._watch, 65536))
        except BlockingIOError:
            opened = False
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return opened
        return True

    def close(self) -> None:
        os.close(self._watch)
        self._server.close()


@contextmanager
def sentinel_in(folder: Path) -> Iterator[Sentinel]:
    sentinel = Sentinel(folder)
    try:
        yield sentinel
    finally:
        sentinel.close()


def test_sentinel_notices_whoever_touches_it(tmp_path: Path) -> None:
    with sentinel_in(tmp_path) as sentinel:
        assert not sentinel.touched()
        sentinel.file.read_bytes()
        assert sentinel.touched()
        host, port = sentinel.address.split(":")
        caller = threading.Thread(target=lambda: socket.create_connection((host, int(port))).close())
        caller.start()
        caller.join()
        assert sentinel.touched()
        assert not sentinel.touched()


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"
DISGUISES = {
    "playlist of a file": HLS.replace("{target}", "{file}"),
    "playlist of a host": HLS.replace("{target}", "http://{address}/a.ts"),
    "concat script": "ffconcat version 1.0\nfile '{file}'\n",
    "session description": "v=0\no=- 0 0 IN IP4 {address}\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "web page": '<!DOCTYPE html><html><video src="http://{address}/v.mp4"></video></html>',
    "DASH manifest": '<?xml version="1.0"?><MPD><Period><BaseURL>http://{address}/</BaseURL></Period></MPD>',
    "smooth playlist with a mark": "\ufeff" + HLS.replace("{target}", "http://{address}/a.ts"),
    "subtitle": "1\n00:00:01,000 --> 00:00:02,000\n{file}\n",
    "words": "Бұл бейне емес. Файл: {file}\n",
    "nothing": "",
}


@pytest.mark.parametrize("content", DISGUISES.values(), ids=DISGUISES)
def test_text_named_mp4_is_an_error_and_opens_nothing(content: str, tmp_path: Path) -> None:
    """Through the whole product: the lesson names it as a clip, and the answer names the line."""
    with sentinel_in(tmp_path) as sentinel:
        folder = write_lesson(tmp_path / "lesson", [{"clip": "clip.mp4"}])
        text = content.format(file=sentinel.file, address=sentinel.address)
        (folder / "clip.mp4").write_text(text, encoding="utf-8")
        with pytest.raises(LessonError) as caught:
            film_of(folder, tmp_path / "out", SHORT, tmp_path / "cache")
        problem = caught.value.problems[0]
        assert problem.code == "media.unknown-kind"
        assert problem.place is not None
        assert problem.place.line > 1
        assert not sentinel.touched()
        assert not (tmp_path / "out").exists()


def test_mp4_whose_samples_lie_elsewhere_opens_nothing(tmp_path: Path) -> None:
    """QuickTime lets a track live in another file or on a host: the data reference is changed to say so."""
    with sentinel_in(tmp_path) as sentinel:
        made = clock_clip(tmp_path / "made.mp4", times(25, 25), "-movflags", "+faststart", *X264)
        data = made.read_bytes()
        own = b"\x00\x00\x00\x0curl \x00\x00\x00\x01"
        assert data.count(own) == 1
        for target in (f"http://{sentinel.address}/a", f"file://{sentinel.file}"):
            clip = tmp_path / "clip.mp4"
            clip.write_bytes(_with_reference(data, own, target.encode() + b"\0"))
            with pytest.raises(MediaError):
                probe(clip)
            assert not sentinel.touched()


def _with_reference(data: bytes, own: bytes, target: bytes) -> bytes:
    """`data` with its self-reference turned into one to `target`, and the boxes around it grown."""
    at = data.index(own)
    changed = bytearray(data)
    changed[at : at + len(own)] = (12 + len(target)).to_bytes(4, "big") + b"url \0\0\0\0" + target
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        box = data.rindex(name, 0, at) - 4
        size = int.from_bytes(data[box : box + 4], "big") + len(target)
        changed[box : box + 4] = size.to_bytes(4, "big")
    return bytes(changed)
