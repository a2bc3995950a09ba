"""What a script says: keys, kinds of items, numbers of them, times, subject, teacher."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.lesson.items import id_from_folder, is_safe_id
from pipeline.lesson.model import Animation, Clip, Slide


def test_a_sound_script_is_read_whole(lesson):
    read, problems = lesson.load()
    assert problems == []
    assert (read.id, read.language, read.grade) == ("kk-8-algebra", "kk", 8)
    assert (read.subject_id, read.subject, read.topic.plain) == ("algebra", "Алгебра", "Квадрат теңдеу")
    assert (read.teacher.name, read.teacher.post, read.teacher.school) == ("Айгүл Серікқызы", "мұғалім", None)
    assert read.keywords == ("теңдеу", "түбір")
    first, second = read.explanation
    assert isinstance(first, Slide)
    assert isinstance(second, Slide)
    assert (first.seconds, second.seconds, first.full_screen) == (100, 255, False)
    assert first.text.plain == "Дискриминант түбірлердің санын көрсетеді.\nЕгер D > 0 болса, екі түбір бар."
    assert first.formula.plain == "D = b² − 4ac"
    assert [each.text.plain for each in read.exercises] == ["x² = 4", "x² = 9"]
    assert read.links[0].url == "https://okulyk.kz/8"
    assert (read.places["questions"].line, read.places["questions"].column) == (22, 1)
    assert (read.music, read.theme, read.draft_voice, read.narration) == (None, None, False, {})


WRONG = [
    ("language: kk", "language: kz", [(3, 11, "lesson.language")]),
    ("grade: 8", "grade: 12", [(4, 8, "lesson.grade")]),
    ("grade: 8", "grade: 0", [(4, 8, "lesson.grade")]),
    ("grade: 8", "grade: сегіз", [(4, 8, "lesson.expected-number")]),
    ("grade: 8", "grade: 8.5", [(4, 8, "lesson.expected-number")]),
    ("grade: 8", 'grade: "8"', [(4, 8, "lesson.number-in-quotes")]),
    ("grade: 8", "Grade: 8", [(4, 1, "lesson.misspelt-key")]),
    ("topic: К", "тақырып: К", [(6, 1, "lesson.misspelt-key")]),
    ("grade: 8", "grade: 8\ncolour: red", [(5, 1, "lesson.unknown-key")]),
    ("grade: 8\n", "", [(2, 1, "lesson.missing-key")]),
    ("subject: Алгебра", "subject: Алгебро", [(5, 10, "lesson.misspelt-subject")]),
    ("subject: Алгебра", "subject: Квиддич", [(5, 10, "lesson.unknown-subject")]),
    ("topic: Квадрат теңдеу", "topic:", [(6, 1, "lesson.empty")]),
    ("topic: Квадрат теңдеу", "topic: ' '", [(6, 8, "lesson.empty")]),
    ("topic: Квадрат теңдеу", "topic: [a, b]", [(6, 8, "lesson.expected-text")]),
    ("topic: Квадрат теңдеу", "topic: " + "ұ" * 201, [(6, 8, "lesson.too-long")]),
    ("[теңдеу, түбір]", "теңдеу, түбір", [(11, 11, "lesson.expected-list")]),
    ("[теңдеу, түбір]", "[]", [(11, 11, "lesson.empty")]),
    ("seconds: 100", "seconds: 1:75", [(18, 14, "lesson.bad-time")]),
    ("seconds: 100", "seconds: бір", [(18, 14, "lesson.bad-time")]),
    ("seconds: 100", "seconds: -5", [(18, 14, "lesson.bad-time")]),
    ("seconds: 100", "seconds: 0", [(18, 14, "lesson.no-length")]),
    ("    seconds: 100\n", "", [(13, 5, "lesson.no-duration")]),
    ("slide: Бірінші", "title: Бірінші", [(13, 5, "lesson.no-kind")]),
    ("    text: Мәтін\n", "    clip: a.mp4\n", [(19, 5, "lesson.two-kinds"), (20, 11, "lesson.no-such-file")]),
    ("slide: Екінші\n    text: Мәтін", "slide:", [(19, 5, "lesson.empty-slide")]),
    ("seconds: 255", "seconds: 255\n    fit: stretch", [(22, 10, "lesson.not-one-of")]),
    ("format: 1", "format: 1\nid: менің сабағым", [(3, 5, "lesson.bad-id")]),
    ("format: 1", "format: 1\nid: ../up", [(3, 5, "lesson.bad-id")]),
    ("format: 1", "format: 1\nvoice: robot", [(3, 8, "lesson.not-one-of")]),
    ("  - Түбір нешеу?\n", "", [(22, 1, "lesson.too-few-items")]),
    ("  - Түбір нешеу?\n", "  - Түбір нешеу?\n" * 3, [(26, 5, "lesson.too-many-items")]),
    ("  - Түбір нешеу?\n", "  - Түбір нешеу?\n  -\n", [(25, 3, "lesson.empty")]),
    ("teacher:\n  name: Айгүл Серікқызы\n  post: мұғалім", "teacher: Айгүл", [(7, 10, "lesson.expected-keys")]),
    ("  name: Айгүл Серікқызы\n", "", [(8, 3, "lesson.missing-key")]),
    ("https://bilimland.kz", "bilimland.kz", [(30, 10, "lesson.url-without-scheme")]),
    ("https://bilimland.kz", "www.bilimland.kz/kk", [(30, 10, "lesson.url-without-scheme")]),
    ("https://bilimland.kz", "javascript:alert(1)", [(30, 10, "lesson.url-scheme")]),
    ("https://bilimland.kz", "file:///etc/passwd", [(30, 10, "lesson.url-scheme")]),
    ("https://bilimland.kz", "https://a:b@bilimland.kz", [(30, 10, "lesson.url-with-password")]),
    ("https://bilimland.kz", "https://bilimland.kz/a b", [(30, 10, "lesson.url-has-space")]),
    ("https://bilimland.kz", '"https://bilimland.kz/\\nx"', [(30, 10, "lesson.url-has-space")]),
    ("https://bilimland.kz", "https:///path", [(30, 10, "lesson.url-broken")]),
    ("https://bilimland.kz", "http://[::1", [(30, 10, "lesson.url-broken")]),
    ("https://bilimland.kz", "https://bilimland..kz", [(30, 10, "lesson.url-broken")]),
    ("https://bilimland.kz", "https://bilimland.kz:99999", [(30, 10, "lesson.url-broken")]),
    ("https://bilimland.kz", "https://bilimland.kz/" + "a" * 1000, [(30, 10, "lesson.url-too-long")]),
]


@pytest.mark.parametrize(
    ("old", "new", "expected"), WRONG, ids=[f"{number}-{each[2][0][2]}" for number, each in enumerate(WRONG)]
)
def test_what_is_wrong_is_named_at_its_place(lesson, found, old, new, expected):
    read, problems = lesson.load(old, new)
    assert found(problems) == expected
    assert read is not None


def test_numbers_dates_and_truths_are_the_text_that_was_written(lesson):
    for written in ("1812", "2020-04-06", "true", "0x10", "1.10", "12e3", "08"):
        read, problems = lesson.load("topic: Квадрат теңдеу", f"topic: {written}")
        assert problems == []
        assert read.topic.plain == written


def test_times_are_exact(lesson):
    written = {"90": 90, "12.5": Fraction(25, 2), "1:30": 90, "0:01:30.25": Fraction(361, 4), "0,1": Fraction(1, 10)}
    for text, seconds in written.items():
        read, problems = lesson.load("seconds: 100", f"seconds: {text}")
        assert problems == []
        assert read.explanation[0].seconds == seconds


def test_the_count_says_how_many_and_by_which_clause(lesson):
    _, problems = lesson.load("  - Түбір нешеу?\n", "")
    assert dict(problems[0].fields) == {
        "part": "questions",
        "found": 1,
        "least": 2,
        "most": 3,
        "clause": "concept A4",
    }


def test_an_item_with_an_error_is_left_out_and_the_others_stay(lesson):
    read, problems = lesson.load("- $x^2 = 4$", "- $x^ = 4$")
    assert [each.code for each in problems] == ["formula.expected-script"]
    assert [each.text.plain for each in read.exercises] == ["x² = 9"]


def test_errors_inside_an_item_of_a_wrong_shape_are_found_in_the_same_run(lesson, found):
    _, problems = lesson.load("    seconds: 100", "    secs: 100\n    picture: жоқ.png")
    assert found(problems) == [
        (13, 5, "lesson.no-duration"),
        (13, 5, "lesson.no-source"),
        (18, 5, "lesson.misspelt-key"),
        (19, 14, "lesson.no-such-file"),
    ]


def test_one_word_as_a_name_is_only_a_warning(lesson):
    read, problems = lesson.load("name: Айгүл Серікқызы", "name: Айгүл")
    assert [(each.code, each.severity) for each in problems] == [("lesson.short-name", "warning")]
    assert len(read.explanation) == 2


def test_a_subject_that_has_no_broadcast_in_the_grade_is_only_noted(lesson):
    _, problems = lesson.load("subject: Алгебра", "subject: Сауат ашу")
    assert [(each.code, each.severity) for each in problems] == [("lesson.not-broadcast", "note")]


CLIP = """\
  - clip: media/teacher.mp4
    from: 0:03
    to: 2:10.5
    source: {source}
    fit: hold
    captions: media/teacher.vtt
"""


def test_a_clip_is_read(lesson):
    lesson.file("media/teacher.mp4")
    lesson.file("media/teacher.vtt")
    read, problems = lesson.load("explanation:\n", "explanation:\n" + CLIP.format(source="Own"))
    assert problems == []
    clip = read.explanation[0]
    assert isinstance(clip, Clip)
    assert (clip.start, clip.end, clip.source, clip.fit, clip.name_caption) == (
        3,
        Fraction(261, 2),
        "own",
        "hold",
        True,
    )
    assert (clip.file.name, clip.captions.name) == ("media/teacher.mp4", "media/teacher.vtt")
    assert (clip.place.line, clip.place.column) == (13, 5)


@pytest.mark.parametrize(
    ("source", "more", "shown"),
    [
        ("own", "", True),
        ("Ғылым арнасы", "", False),
        ("own", "    name_caption: false\n", False),
        ("Ғылым арнасы", "    name_caption: true\n", True),
    ],
)
def test_the_name_stands_over_own_clips_unless_told_otherwise(lesson, source, more, shown):
    lesson.file("media/teacher.mp4")
    lesson.file("media/teacher.vtt")
    read, problems = lesson.load("explanation:\n", "explanation:\n" + CLIP.format(source=source) + more)
    assert problems == []
    assert read.explanation[0].name_caption is shown


def test_a_name_caption_is_true_or_false(lesson, found):
    lesson.file("a.mp4")
    clip = "explanation:\n  - clip: a.mp4\n    source: own\n    name_caption: иә\n"
    assert found(lesson.load("explanation:\n", clip)[1]) == [(15, 19, "lesson.expected-true-or-false")]


@pytest.mark.parametrize(("start", "end"), [("1:00", "0:59"), ("0:30", "0:30"), ("0", "0")])
def test_a_clip_ends_after_it_starts(lesson, found, start, end):
    lesson.file("a.mp4")
    clip = f"explanation:\n  - clip: a.mp4\n    from: {start}\n    to: {end}\n    source: own\n"
    read, problems = lesson.load("explanation:\n", clip)
    assert found(problems) == [(15, 9, "lesson.ends-before-start")]
    assert len(read.explanation) == 2


def test_borrowed_work_names_its_source(lesson, found):
    lesson.file("a.mp4")
    lesson.file("b.png")
    items = "explanation:\n  - clip: a.mp4\n  - picture: b.png\n    seconds: 5\n"
    assert found(lesson.load("explanation:\n", items)[1]) == [
        (13, 5, "lesson.no-source"),
        (14, 5, "lesson.no-source"),
    ]


def test_a_picture_of_its_own_fills_the_screen(lesson):
    lesson.file("b.png")
    picture = "explanation:\n  - picture: b.png\n    seconds: 5\n    source: Қор\n"
    read, problems = lesson.load("explanation:\n", picture)
    assert problems == []
    assert (read.explanation[0].full_screen, read.explanation[0].source) == (True, "Қор")


ANIMATION = "explanation:\n  - animation: wave.py\n    seconds: 5\n    source: own\n"


def test_an_animation_needs_leave(lesson, found):
    lesson.file("wave.py", b"raise SystemExit")
    read, problems = lesson.load("explanation:\n", ANIMATION)
    assert found(problems) == [(13, 5, "lesson.code-not-allowed")]
    assert len(read.explanation) == 2


def test_an_animation_with_leave_is_read_and_not_run(lesson):
    lesson.file("wave.py", b"raise SystemExit")
    read, problems = lesson.load("explanation:\n", ANIMATION, allow_code=True)
    assert problems == []
    assert isinstance(read.explanation[0], Animation)


def test_narration_and_music_name_files(lesson):
    for name in ("q.wav", "bed.mp3", "q2.wav"):
        lesson.file(f"media/{name}")
    more = "format: 1\nnarration: {questions: media/q.wav}\nmusic: {file: media/bed.mp3, source: own}\nvoice: draft\n"
    text = lesson.text.replace("format: 1\n", more).replace(
        "- Түбір нешеу?", "- {text: Түбір нешеу?, narration: media/q2.wav}"
    )
    read, problems = lesson.load_text(text)
    assert problems == []
    assert read.narration["questions"].name == "media/q.wav"
    assert (read.music.file.name, read.music.source, read.draft_voice) == ("media/bed.mp3", "own", True)
    assert read.questions[1].narration.name == "media/q2.wav"


@pytest.mark.parametrize("name", ["kk-08-algebra", "Сабақ_1", "8.2", "Ә", "a" * 100])
def test_safe_ids(name):
    assert is_safe_id(name)


@pytest.mark.parametrize("name", ["", "-a", ".a", "a b", "a/b", "a" * 101, "con", "NUL.txt", "a.", "é", "a\n"])
def test_unsafe_ids(name):
    assert not is_safe_id(name)


@pytest.mark.parametrize("folder", ["Менің сабағым", "сабақ (1)", "..", "con", "é", "a" * 300, "-", "   "])
def test_a_folder_of_any_name_gives_a_safe_id(folder):
    assert is_safe_id(id_from_folder(folder))
