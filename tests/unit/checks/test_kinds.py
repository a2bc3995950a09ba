"""The kind of a file: by its name where that claims one, else by its content; a program is never what it claims."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from pipeline.checks.kinds import as_text, claimed, extension_of, is_svg, kind_of, kind_of_bytes
from pipeline.checks.subject import Kind
from pipeline.lesson.scaffold import new_lesson

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
EXE = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(64)
SCRIPT = "language: kk\ntopic: Пайыз\nteacher:\n  name: А\nexplanation:\n"
SCENARIO = "title: Жел\nletters: {text: 24}\ncolours: []\nstages: []\n"


def iso(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0isom" + bytes(64)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("photo.JPG", Kind.PICTURE),
        ("photo.jpeg", Kind.PICTURE),
        ("a/b.c/voice.Mp3", Kind.SOUND),
        ("clip.mov", Kind.VIDEO),
        ("lesson.yaml", Kind.SCRIPT),
        ("sub/Lesson.YAML", Kind.SCRIPT),
        ("scenario.yaml", Kind.SCENARIO),
        ("telesabaq-waivers.yaml", Kind.WAIVERS),
        ("speech.vtt", Kind.CAPTIONS),
        ("work.zip", Kind.ARCHIVE),
        ("work.rar", Kind.ARCHIVE),
        ("photo.jpg.exe", None),
        ("a.zip/readme", None),
        (".jpg", None),
        ("photo.", None),
        ("jpg", None),
        ("notes.yaml", None),
    ],
)
def test_a_name_claims_a_kind(name: str, kind: Kind | None) -> None:
    assert claimed(name) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, Kind.PICTURE),
        (b"\xff\xd8\xff\xe0", Kind.PICTURE),
        (b"GIF89a", Kind.PICTURE),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Kind.PICTURE),
        (b"BM" + bytes(12) + b"\x28\0\0\0", Kind.PICTURE),
        (b"BMW is a make of car, and this a text of more than eighteen letters", Kind.OTHER),
        (b"II*\0\x08\0\0\0", Kind.PICTURE),
        (iso(b"avif"), Kind.PICTURE),
        (SVG.encode(), Kind.PICTURE),
        (b"\xef\xbb\xbf" + SVG.encode(), Kind.PICTURE),
        (SVG.encode("utf-16"), Kind.PICTURE),
        (SVG.encode("utf-16-le"), Kind.PICTURE),
        (b'<?xml version="1.0"?><!-- drawn --><!DOCTYPE svg PUBLIC "a" "b"><s:svg xmlns:s="x"/>', Kind.PICTURE),
        (b"<!doctype html><body><svg></svg></body>", Kind.OTHER),
        (b"text that speaks of <svg>", Kind.OTHER),
        (b"RIFF\x10\0\0\0WAVEfmt ", Kind.SOUND),
        (b"ID3\x04\0\0\0\0\0\0", Kind.SOUND),
        (b"#!AMR\n", Kind.SOUND),
        (iso(b"M4A "), Kind.SOUND),
        (iso(b"isom"), Kind.VIDEO),
        (iso(b"qt  "), Kind.VIDEO),
        (b"\x1aE\xdf\xa3" + bytes(60), Kind.VIDEO),
        (b"WEBVTT\n\n", Kind.CAPTIONS),
        (b"PK\x03\x04" + bytes(30), Kind.ARCHIVE),
        (b"Rar!\x1a\x07\x01\0", Kind.ARCHIVE),
        (b"%PDF-1.7\n", Kind.OTHER),
        (b"", Kind.OTHER),
    ],
)
def test_content_decides_for_a_name_that_claims_nothing(head: bytes, kind: Kind) -> None:
    assert kind_of_bytes(head, "file") is kind


@pytest.mark.parametrize("name", ["photo.jpg", "lesson.yaml", "work.zip", "file"])
@pytest.mark.parametrize("head", [EXE, b"\x7fELF\x02\x01\x01" + bytes(60), b"#!/bin/sh\nrm -r x\n"])
def test_a_program_is_other_whatever_it_is_called(head: bytes, name: str) -> None:
    assert kind_of_bytes(head, name) is Kind.OTHER


def test_a_name_is_taken_at_its_word_where_the_content_is_of_another_kind() -> None:
    assert kind_of_bytes(iso(b"isom"), "photo.png") is Kind.PICTURE
    assert kind_of_bytes(b"<!doctype html>", "film.mp4") is Kind.VIDEO


@pytest.mark.parametrize("name", ["photo.jpg", "voice.mp3", "film.mp4", "work.zip", "speech.srt"])
def test_a_file_of_no_bytes_is_other(name: str) -> None:
    assert kind_of_bytes(b"", name) is Kind.OTHER


@pytest.mark.parametrize("name", ["lesson.yaml", "scenario.yaml", "telesabaq-waivers.yaml"])
def test_an_empty_form_stays_what_it_is_called(name: str) -> None:
    assert kind_of_bytes(b"", name) is claimed(name)


@pytest.mark.parametrize(("text", "kind"), [(SCRIPT, Kind.SCRIPT), (SCENARIO, Kind.SCENARIO), ("a: 1\n", Kind.OTHER)])
def test_a_form_of_another_name_is_known_by_its_keys(text: str, kind: Kind) -> None:
    assert kind_of_bytes(text.encode(), "my work.yml") is kind
    assert kind_of_bytes(text.encode(), "my work.txt") is Kind.OTHER


def test_documents_with_a_zip_inside_are_no_archives() -> None:
    head = b"PK\x03\x04" + bytes(60)
    assert kind_of_bytes(head, "plan.docx") is Kind.OTHER
    assert kind_of_bytes(head, "application.h5p") is Kind.ARCHIVE


def test_what_the_build_writes_is_a_record() -> None:
    assert kind_of_bytes(b'{\n  "format": 1', "out/x/manifest.json") is Kind.RECORD
    assert kind_of_bytes(b"track,start,end,start_frame\n", "cues.csv") is Kind.RECORD
    assert kind_of_bytes(b"name;mark\n", "cues.csv") is Kind.OTHER
    assert kind_of_bytes(b"plain", "manifest.json") is Kind.OTHER


def test_the_schema_beside_a_new_script_is_a_record(tmp_path: Path) -> None:
    _, schema = new_lesson(tmp_path, "kk")
    assert kind_of(schema, schema.relative_to(tmp_path).as_posix()) is Kind.RECORD
    assert kind_of_bytes(b'{"type": "object"}', "lesson.schema.json") is Kind.OTHER


def test_what_is_no_plain_file_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    (tmp_path / "loop.png").symlink_to("loop.png")
    os.mkfifo(tmp_path / "pipe.mp3")
    for path in tmp_path.iterdir():
        assert kind_of(path, path.name) is Kind.LINK, path.name
    assert kind_of(tmp_path / "gone", "gone") is Kind.LINK


def test_an_extension_is_what_stands_behind_the_last_dot() -> None:
    names = ("a.PNG", "a.tar.gz", ".hidden", "no", "dir.d/no", "a.")
    assert [extension_of(name) for name in names] == ["png", "gz", "", "", "", ""]


def test_text_is_read_by_its_byte_order_mark() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        assert as_text("<ә>".encode(encoding)) == "<ә>", encoding


def test_endless_openings_are_looked_at_once() -> None:
    assert not is_svg(b"<!--" * 2_000)
    assert is_svg(b"<!-- a -->" * 500 + SVG.encode())
