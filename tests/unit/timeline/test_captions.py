from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.errors import LessonError, Place
from pipeline.timeline.captions import place_cues, read_cues, write_captions
from pipeline.timeline.model import Cue

HERE = Place("lesson.yaml", 14, 15)
SRT = "1\n00:00:01,500 --> 00:00:03,000\nСәлем!\nҚалайсыз?\n\n2\n00:00:04,000 --> 00:00:05,000\n<i>Жақсы</i>\n"


def read(tmp_path: Path, data: bytes, name: str = "a.srt") -> list[Cue]:
    path = tmp_path / name
    path.write_bytes(data)
    return read_cues(path, name, HERE)


def test_srt_is_read_with_its_lines_and_without_markup(tmp_path: Path) -> None:
    assert read(tmp_path, SRT.encode()) == [Cue(1500, 3000, "Сәлем!\nҚалайсыз?"), Cue(4000, 5000, "Жақсы")]


def test_vtt_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = "\ufeffWEBVTT\n\n00:01.500 --> 00:03.000 line:80%\nСәлем!\n"
    assert read(tmp_path, text.encode(), "a.vtt") == [Cue(1500, 3000, "Сәлем!")]


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nСәлем!\n"
    assert read(tmp_path, text.encode(), "a.srt") == [Cue(1500, 3000, "Сәлем!")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SRT.encode("cp1251", "replace").replace(b"!", b"\xff"), "captions.encoding"),
        (b"", "captions.empty"),
        (b"just words\n", "captions.empty"),
        (b"1\n00:00:03,000 --> 00:00:01,000\nbackwards\n", "captions.empty"),
        (b"x" * 2_000_001, "captions.too-big"),
    ],
)
def test_what_is_no_caption_file_is_an_error_at_its_line(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(LessonError) as caught:
        read(tmp_path, data)
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [(code, HERE)]


def test_cues_move_with_their_clip_and_end_with_it() -> None:
    cues = [Cue(0, 900, "before"), Cue(1500, 3000, "inside"), Cue(4000, 9000, "over the end"), Cue(8000, 9000, "after")]
    placed = place_cues(cues, source_start=Fraction(1), film_start=Fraction(5), seconds=Fraction(5))
    assert placed == [Cue(5500, 7000, "inside"), Cue(8000, 10000, "over the end")]


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_what_is_written_is_read_back_the_same(tmp_path: Path, form: str) -> None:
    cues = [Cue(0, 1200, "Ә Ғ Қ"), Cue(599_000, 600_000, "Соңы\nекі жол")]
    assert read(tmp_path, write_captions(cues, form).encode(), f"a.{form}") == cues


def test_no_cues_still_make_a_valid_webvtt_file() -> None:
    assert write_captions([], "vtt") == "WEBVTT\n"
    assert write_captions([], "srt") == ""
