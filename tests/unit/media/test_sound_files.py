"""MP3 frames, WAV chunks, tags, and what only claims to be sound."""

from __future__ import annotations

import struct
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from pipeline.media import id3
from pipeline.media.foreign import dangerous, foreign
from pipeline.media.hidden import active_text, hidden_tail
from pipeline.media.id3 import id3_frames, read_tags
from pipeline.media.mpeg_audio import read_frames
from pipeline.media.riff import read_wave

CORPUS = Path(__file__).parents[2] / "corpus"
MP3 = (CORPUS / "SND-001/pass-mp3.mp3").read_bytes()


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def tag(body: bytes, version: int = 4, flags: int = 0) -> bytes:
    return b"ID3" + bytes([version, 0, flags]) + syncsafe(len(body)) + body


def frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + syncsafe(len(data)) + bytes([0, flags]) + data


def test_frames_are_counted_as_ffprobe_counts_them() -> None:
    path = CORPUS / "SND-004/pass-mp3-without-header.mp3"
    asked = ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"]
    told = subprocess.run([*asked, str(path)], capture_output=True, text=True, check=True).stdout
    data = path.read_bytes()
    frames = read_frames(data, 0, len(data))
    assert frames is not None
    assert frames.count == int(told.strip().strip(","))
    assert (frames.first.rate, frames.first.channels, frames.first.layer) == (22050, 1, 3)


def test_the_frame_with_the_header_is_no_sound() -> None:
    frames = read_frames(MP3, 0, len(MP3))
    assert frames is not None
    assert frames.declared == frames.count
    assert (frames.junk, frames.broken_end) == (0, False)


def test_a_lone_sync_word_is_no_stream() -> None:
    data = b"\xff\xfb\x90\x64" + bytes(50_000)
    assert read_frames(data, 0, len(data)) is None


def test_noise_full_of_sync_words_is_passed_over_quickly() -> None:
    data = b"\xff\xfb" * 2_000_000
    began = time.process_time()
    assert read_frames(data, 0, len(data)) is None
    assert time.process_time() - began < 2


def test_a_header_at_every_fourth_byte_behind_the_sound_costs_little() -> None:
    data = MP3 + b"\xff\xfb\x90\x00" * 2_500_000
    began = time.process_time()
    frames = read_frames(data, 0, len(data))
    assert time.process_time() - began < 1.5
    assert frames is not None
    assert frames.end == len(MP3)


def test_holes_are_counted_wherever_the_search_for_them_has_to_go_on() -> None:
    data = MP3 + bytes(100_000) + MP3
    frames = read_frames(data, 0, len(data))
    assert frames is not None
    assert (frames.junk, frames.end) == (100_000, len(data))


def test_tags_at_both_ends_are_left_aside() -> None:
    data = tag(frame(b"TIT2", b"\3Lesson")) + MP3 + b"TAG".ljust(128, b"\0")
    tags = read_tags(data, len(data))
    assert data[tags.start : tags.end] == MP3
    assert [each.frame for each in tags.kept] == ["TIT2"]


def test_a_frame_packed_a_thousandfold_is_unpacked_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id3, "MOST_UNPACKED", 10_000)
    packed = frame(b"PRIV", syncsafe(0) + zlib.compress(b"me\0" + bytes(20_000_000)), 0x09)
    assert [len(each.data) for each in id3_frames(tag(packed))] == [10_000 - 3]


def test_a_tag_of_a_hundred_thousand_frames_costs_little() -> None:
    body = frame(b"TXXX", b"") * 100_000
    began = time.process_time()
    assert len(list(id3_frames(tag(body)))) == id3.MOST_FRAMES
    assert time.process_time() - began < 1


def test_an_object_is_found_behind_its_wide_labels() -> None:
    labels = b"\1image/x\0" + "a.exe".encode("utf-16") + b"\0\0" + "gift".encode("utf-16") + b"\0\0"
    kept = list(id3_frames(tag(frame(b"GEOB", labels + b"MZ..."))))
    assert [(each.name, each.data) for each in kept] == [("a.exe", b"MZ...")]


@pytest.mark.parametrize(
    ("name", "label"),
    [(b"APIC", b"\0image/png\0\3cover\0"), (b"APIC", b"\1image/png\0\3" + "\ufeff".encode("utf-16-le") + b"\0\0")],
)
def test_a_picture_is_found_behind_its_label(name: bytes, label: bytes) -> None:
    assert [each.data for each in id3_frames(tag(frame(name, label + b"MZ...")))] == [b"MZ..."]


@pytest.mark.parametrize("cut", [0, 3, 9, 10, 11, 15, 20, 25])
def test_a_tag_cut_off_anywhere_is_read_as_far_as_it_goes(cut: int) -> None:
    data = tag(frame(b"APIC", b"\0image/png\0\3\0picture"))[:cut]
    assert read_tags(data, len(data)).end <= len(data)


def test_wave_chunks_tell_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    path.write_bytes(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", 1000) + bytes(400))
    wave = read_wave(path)
    assert (wave.rate, wave.format_name, wave.held) == (8000, "PCM", 400)
    assert not wave.unfinished


@pytest.mark.parametrize(
    ("head", "nature", "name"),
    [
        (b"", "empty", ""),
        (b"\xef\xbb\xbf \n<!-- hi --><!DOCTYPE html><html>", "html", "HTML"),
        (b"\xff\xfe" + "<html>".encode("utf-16-le"), "html", "HTML"),
        (b"#EXTM3U\n", "playlist", "M3U8"),
        (b"ffconcat version 1.0", "playlist", "ffconcat"),
        (b"<?xml version='1.0'?><MPD>", "playlist", "DASH"),
        (b"<smil><body/></smil>", "playlist", "SMIL"),
        (b"PK\3\4", "archive", "ZIP"),
        (b"Rar!\x1a\7\1\0", "archive", "RAR"),
        (b"%PDF-1.7", "document", "PDF"),
        ("Жай мәтін".encode(), "text", "text"),
        ("Просто текст".encode("cp1251"), "text", "text"),
    ],
)
def test_what_a_file_is_instead_is_named(head: bytes, nature: str, name: str) -> None:
    found = foreign(head)
    assert found is not None
    assert (found.nature, found.name) == (nature, name)


@pytest.mark.parametrize("harmless", [b"MZ is how a note may begin", b"", b"plain words", b"<?xpacket begin=''?>"])
def test_harmless_bytes_are_not_called_dangerous(harmless: bytes) -> None:
    assert dangerous(harmless) == ""


@pytest.mark.parametrize("text", [b"How a <b> tag works", b"x < y and y > z", b"read https://example.kz/javascript"])
def test_words_about_code_are_no_code(text: bytes) -> None:
    assert active_text(text) == ""


def test_four_letters_of_a_zip_by_chance_are_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(MP3 + b"noise" + b"PK\5\6" + bytes(range(1, 90)))
    assert hidden_tail(path, path.stat().st_size, len(MP3)) == ""
