from __future__ import annotations

import pytest

from pipeline.lesson.subjects import find_subject, load_subjects, nearest_subject, subject_by_id

FAMILIES = {
    "language", "literature", "mathematics", "nature", "physics", "chemistry", "biology", "geography", "history",
    "informatics", "world",
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "subject_id"),
    [
        ("algebra", "algebra"),
        ("Алгебра", "algebra"),
        ("АЛГЕБРА", "algebra"),
        ("  Қазақ   тілі ", "kazakh_language"),
        ("Рус.язык", "russian_language"),
        ("Рус. язык", "russian_language"),
        ("Дүние жүзі тарихы", "world_history"),
        ("Дүние тарихы", "world_history"),
        ("Алгебра және анализ бастам.", "algebra_and_analysis"),
        ("История Казахст.", "history_of_kazakhstan"),
        ("Орыс тілі мен әдебиет", "russian_language_and_literature"),
        ("history_of_kazakhstan", "history_of_kazakhstan"),
        ("World history", "world_history"),
    ],
)
def test_spellings_of_the_documents_are_known(written, subject_id):
    assert find_subject(written).id == subject_id


def test_what_is_no_subject_is_not_found():
    assert find_subject("Квиддич") is None
    assert nearest_subject("Квиддич", "kk") is None
    assert nearest_subject("Қазак тили", "kk") == "Қазақ тілі"
    assert nearest_subject("Руский язык", "ru") == "Русский язык"


def test_every_subject_is_whole_and_no_spelling_means_two():
    subjects = load_subjects()
    assert len(subjects) == 21
    for subject in subjects:
        assert subject.family in FAMILIES
        assert set(subject.name) == {"kk", "ru", "en"}
        assert set(subject.broadcast) <= {"kk", "ru"}
        assert all(1 <= grade <= 11 for grades in subject.broadcast.values() for grade in grades)
        assert all(find_subject(spelling) is subject for spelling in subject.spellings)


def test_the_timetable_says_where_a_subject_is_broadcast():
    assert subject_by_id("chemistry").broadcast == {"kk": (7, 8, 9, 10, 11), "ru": (7, 8, 9, 10, 11)}
    assert subject_by_id("literacy").broadcast == {"kk": (1,), "ru": (1,)}
    assert subject_by_id("english_language").broadcast == {"kk": (11,), "ru": (11,)}
    assert subject_by_id("kazakh_language_and_literature").broadcast == {"ru": (5, 6, 7, 8, 9, 10)}
    assert subject_by_id("informatics").broadcast == {}
    with pytest.raises(KeyError):
        subject_by_id("quidditch")
