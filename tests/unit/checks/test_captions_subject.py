"""Captions as a subject: the cues that a player would show, and the lines they stand on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pipeline.checks.captions import CaptionsSubject
from pipeline.checks.judge import judge
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import load_check_profile
from tests.unit.checks.corpus import CORPUS

SOUND = [
    path
    for path in sorted(CORPUS.glob("CAP-*/pass-*.*"))
    if path.suffix in {".vtt", ".srt"} and path.name != "pass-notes-styles-and-cue-names.vtt"
]
"""All but the one with a STYLE block, which ffprobe 5 takes for no WebVTT."""


def task_of(path: Path, scratch: Path) -> Task:
    return Task(Submitted(path, path.name, path.name, Kind.CAPTIONS), scratch)


def subject_of(folder: Path, name: str, text: str) -> CaptionsSubject:
    path = folder / name
    path.write_bytes(text.encode())
    return CaptionsSubject(task_of(path, folder))


def judged(folder: Path, name: str, text: str) -> SubjectReport:
    task = task_of(subject_of(folder, name, text).path, folder)
    return judge(task, load_check_profile(select=["CAP-*"])).report


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.name)
def test_cues_are_those_that_ffprobe_reads(path: Path, tmp_path: Path) -> None:
    command = ["ffprobe", "-v", "error", "-show_packets", "-of", "json", str(path)]
    packets = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["packets"]
    theirs = [(round(float(each["pts_time"]) * 1000), round(float(each["duration_time"]) * 1000)) for each in packets]
    ours = [(cue.start_ms, cue.end_ms - cue.start_ms) for cue in CaptionsSubject(task_of(path, tmp_path)).captions]
    assert ours == theirs


def test_notes_styles_names_and_tags_are_not_read_aloud(tmp_path: Path) -> None:
    head = "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE a note\nof two lines\n\n"
    text = head + "name\n00:01.000 --> 00:02.500 align:start\n<v T>Бір &amp; <b>екі</b>\nүш\n"
    cues = subject_of(tmp_path, "a.vtt", text).captions
    assert [(cue.start_ms, cue.end_ms, cue.text, cue.line) for cue in cues] == [(1000, 2500, "Бір & екі\nүш", 10)]


def test_a_number_that_is_said_is_not_taken_for_the_next_cues(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\n2 + 2 =\n4\n\n2\n00:00:04,000 --> 00:00:05,000\nДұрыс\n"
    assert [cue.text for cue in subject_of(tmp_path, "a.srt", text).captions] == ["2 + 2 =\n4", "Дұрыс"]


def test_cues_without_blank_lines_between_them_are_told_apart(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\nБір\n2\n00:00:04,000 --> 00:00:05,000\nЕкі\n"
    assert [cue.text for cue in subject_of(tmp_path, "a.srt", text).captions] == ["Бір", "Екі"]


def test_substation_lines_that_draw_are_no_captions(tmp_path: Path) -> None:
    head = "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    lines = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}\n"
    lines += "Dialogue: 0,0:00:03.00,0:00:05.50,Default,,0,0,0,,{\\i1}Бір{\\i0}\\Nекі, үш\n"
    cues = subject_of(tmp_path, "a.ass", head + lines).captions
    assert [(cue.start_ms, cue.end_ms, cue.text, cue.line) for cue in cues] == [(3000, 5500, "Бір\nекі, үш", 6)]


def test_captions_without_an_ending_are_judged_by_their_first_word(tmp_path: Path) -> None:
    found = judged(tmp_path, "captions.txt", "WEBVTT\n\n00:01.000 --> 00:03.000\nБір\n").findings
    assert [(each.rule, each.variant) for each in found] == [("CAP-001", "vtt")]


def test_a_link_beside_the_captions_is_not_taken_for_their_film(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "film.mp4").write_bytes(b"private")
    (tmp_path / "film.mp4").symlink_to(tmp_path / "elsewhere" / "film.mp4")
    subject = subject_of(tmp_path, "film.vtt", "WEBVTT\n\n00:01.000 --> 00:03.000\nБір\n")
    assert subject.spoken is None


def test_a_file_name_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "b.mp3").write_bytes(b"")
    assert subject_of(tmp_path, "[ab].vtt", "WEBVTT\n\n00:01.000 --> 00:03.000\nБір\n").spoken is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tags.srt", "1\n00:00:01,000 --> 00:00:03,000\n" + "<" * 400_000),
        ("marks.vtt", "WEBVTT\n\n00:01.000 --> 00:03.000\n" + "{\\" * 200_000),
        ("clocks.srt", "1:" * 500_000 + " -> 1"),
        ("digits.srt", "0" * 900_000 + "-->" + "0" * 900_000),
        ("cues.srt", "".join(f"00:00:{n % 60:02d},000 --> 00:00:59,999\nа\n\n" for n in range(40_000))),
        ("overrides.ass", "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,," + "{\\i1}" * 200_000),
        ("one-line.srt", "1\n00:00:01,000 --> 00:09:00,000\n" + "а" * 400_000),
    ],
)
def test_hostile_captions_are_judged_in_a_moment(tmp_path: Path, name: str, text: str) -> None:
    task = Task(Submitted(subject_of(tmp_path, name, text).path, name, name, Kind.CAPTIONS), tmp_path)
    verdict = judge(task, load_check_profile(select=["CAP-*"]))
    assert not verdict.broken
    assert verdict.report.findings
