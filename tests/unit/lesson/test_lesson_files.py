"""The files a script names: inside the lesson's folder and nowhere else."""

from __future__ import annotations

import os
import unicodedata

import pytest


def picture(name: str) -> tuple[str, str]:
    return "explanation:\n", f"explanation:\n  - picture: {name}\n    seconds: 5\n    source: own\n"


@pytest.mark.parametrize(
    ("written", "code", "hint"),
    [
        ("media/жоқ.png", "lesson.no-such-file", None),
        ("media/Map.png", "lesson.misspelt-file", "media/map.png"),
        ("media/mapp.png", "lesson.misspelt-file", "media/map.png"),
        ("map.png", "lesson.misspelt-file", "media/map.png"),
        ("media", "lesson.not-a-file", None),
        ("media/", "lesson.no-such-file", None),
        ("media/map.png/x", "lesson.no-such-file", None),
        ("/etc/passwd", "lesson.file-is-absolute", "media/passwd"),
        ("~/map.png", "lesson.file-is-absolute", "media/map.png"),
        (r"C:\Users\map.png", "lesson.file-is-absolute", "media/map.png"),
        (r"\\server\map.png", "lesson.file-is-absolute", "media/map.png"),
        (r"media\map.png", "lesson.file-has-backslash", "media/map.png"),
        ("../map.png", "lesson.file-goes-up", "media/map.png"),
        ("media/../media/map.png", "lesson.file-goes-up", "media/map.png"),
        (r"..\map.png", "lesson.file-goes-up", "media/map.png"),
        ("https://example.kz/map.png", "lesson.file-is-address", None),
        ("x" * 300 + ".png", "lesson.no-such-file", None),
    ],
)
def test_a_name_that_will_not_do_is_named_with_the_right_spelling(lesson, found, written, code, hint):
    lesson.file("media/map.png")
    read, problems = lesson.load(*picture(written))
    assert found(problems) == [(13, 14, code)]
    assert problems[0].fields.get("hint") == hint
    assert len(read.explanation) == 2


@pytest.mark.parametrize("written", ["media/map.png", "./media/map.png", "'media/map.png'", "media/ескі сурет.png"])
def test_a_file_that_is_there_is_taken(lesson, written):
    lesson.file("media/map.png")
    lesson.file("media/ескі сурет.png")
    read, problems = lesson.load(*picture(written))
    assert problems == []
    assert read.explanation[0].picture.path.is_file()


def test_a_name_stored_decomposed_is_found_by_its_composed_spelling(lesson):
    lesson.file(unicodedata.normalize("NFD", "media/йод.png"))
    read, problems = lesson.load(*picture("media/йод.png"))
    assert problems == []
    assert read.explanation[0].picture.name == unicodedata.normalize("NFC", "media/йод.png")


def test_a_link_out_of_the_folder_is_refused_and_says_where_it_leads(lesson, found):
    secret = lesson.folder.parent / "secret.png"
    secret.write_bytes(b"x")
    (lesson.folder / "map.png").symlink_to(secret)
    _, problems = lesson.load(*picture("map.png"))
    assert found(problems) == [(13, 14, "lesson.file-outside")]
    assert problems[0].fields["leads"] == str(secret)


def test_a_folder_that_is_a_link_out_is_refused(lesson, found):
    outside = lesson.folder.parent / "outside"
    outside.mkdir()
    (outside / "map.png").write_bytes(b"x")
    (lesson.folder / "media").symlink_to(outside)
    assert found(lesson.load(*picture("media/map.png"))[1]) == [(13, 14, "lesson.file-outside")]


@pytest.mark.parametrize("written", ["media/map.png", "media/mapp.png", "media/deeper/map.png"])
def test_what_lies_behind_a_link_out_cannot_be_learned(lesson, found, written):
    outside = lesson.folder.parent / "outside"
    outside.mkdir()
    (outside / "map.png").write_bytes(b"x")
    (lesson.folder / "media").symlink_to(outside)
    problems = lesson.load(*picture(written))[1]
    assert found(problems) == [(13, 14, "lesson.file-outside")]
    assert "hint" not in problems[0].fields
    assert problems[0].fields["leads"] == str(outside)


def test_a_link_inside_the_folder_is_followed(lesson):
    real = lesson.file("media/map.png")
    (lesson.folder / "map.png").symlink_to(real)
    read, problems = lesson.load(*picture("map.png"))
    assert problems == []
    assert read.explanation[0].picture.path == real.resolve()


def test_links_that_lead_nowhere_or_round_are_refused(lesson, found):
    (lesson.folder / "a.png").symlink_to("b.png")
    (lesson.folder / "b.png").symlink_to("a.png")
    (lesson.folder / "c.png").symlink_to("missing.png")
    assert found(lesson.load(*picture("a.png"))[1]) == [(13, 14, "lesson.broken-link")]
    assert found(lesson.load(*picture("c.png"))[1]) == [(13, 14, "lesson.broken-link")]


def test_a_pipe_is_no_file(lesson, found):
    os.mkfifo(lesson.folder / "a.png")
    assert found(lesson.load(*picture("a.png"))[1]) == [(13, 14, "lesson.not-a-file")]


def test_a_script_that_is_a_pipe_is_not_opened(lesson):
    from pipeline.lesson.load import load_lesson
    from pipeline.specs import load_structure

    os.mkfifo(lesson.folder / "lesson.yaml")
    read, problems = load_lesson(lesson.folder, load_structure())
    assert read is None
    assert [each.code for each in problems] == ["script.not-a-file"]


def test_captions_are_srt_or_vtt(lesson, found):
    lesson.file("a.png")
    lesson.file("a.txt")
    old, new = picture("a.png")
    assert found(lesson.load(old, new + "    captions: a.txt\n")[1]) == [(16, 15, "lesson.wrong-file-kind")]


def test_the_file_meant_is_of_the_kind_that_is_wanted(lesson):
    lesson.file("media/teacher-1.mp4")
    lesson.file("media/teacher-1.srt")
    old, new = picture("media/teacher-1.mp4")
    _, problems = lesson.load(old, new + "    captions: media/teacher-1.vtt\n")
    assert [each.fields["hint"] for each in problems] == ["media/teacher-1.srt"]
