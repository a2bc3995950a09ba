"""batch.json: what a season has come to, over many runs, without a trace of the machine that made it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch.model import LessonResult
from pipeline.batch.summary import BATCH, PAGE, batch_bytes, read_batch, summarise, write_summary
from pipeline.render.cache import Cache
from pipeline.specs import load_json
from tests.unit.batch.season import HOSTILE, RUN, ZALGO, Folder, film, manifests, result, season, told


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def ran(folder: Folder, results: Sequence[LessonResult], cache: Cache, number: int = 12) -> dict[str, Any]:
    """The summary after this run; published films lie in the folder."""
    folder.files |= manifests(results)
    write_summary(folder, results, {**RUN, "run": number}, cache, "kk")
    return json.loads(folder.files[BATCH])


def lesson(batch: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in batch["lessons"] if each["id"] == name]
    return found


def test_a_season_keeps_to_its_schema_and_is_read_back_as_it_was(cache: Cache) -> None:
    results, files = season(60)
    folder = Folder(files)
    batch = ran(folder, results, cache)
    jsonschema.validate(batch, load_json("batch.schema.json"))
    assert read_batch(folder.files[BATCH]) == batch
    assert len(batch["lessons"]) == 60
    assert batch["run"]["counts"]["failed"] == 3
    assert PAGE in folder.files


def test_totals_count_what_is_ready_for_air(cache: Cache) -> None:
    fast = film("fast", frames=18_000, fps="30000/1001", bytes=5)
    batch = ran(
        Folder(), [result("a"), result("fast", film=fast), result("bad", "refused"), result("x", "failed")], cache
    )
    assert batch["totals"] == {"lessons": 4, "films": 2, "seconds": 1200.6, "bytes": 148_250_117}


def test_lessons_stand_by_grade_subject_language_and_id(cache: Cache) -> None:
    facts = result().facts
    physics, russian = {"id": "physics", "name": "Физика"}, {**facts, "language": "ru"}
    given = [
        result("z", facts={}, outcome="failed"),
        result("c", facts={**facts, "grade": 11}),
        result("b", facts={**facts, "subject": physics}),
        result("a", facts=russian),
        result("e"),
        result("d"),
        result("y", facts={**facts, "grade": 2}),
    ]
    assert [each["id"] for each in ran(Folder(), given, cache)["lessons"]] == ["y", "d", "e", "a", "b", "c", "z"]


def test_the_same_results_give_the_same_bytes_in_any_order(cache: Cache) -> None:
    results, files = season(20)
    one, other = Folder(files), Folder(files)
    ran(one, results, cache)
    ran(other, results[::-1], cache)
    ran(other, results, cache)
    assert one.files[BATCH] == other.files[BATCH]
    assert one.files[PAGE] == other.files[PAGE]


def test_nothing_of_the_machine_is_in_it(cache: Cache) -> None:
    given = [
        result(
            "kk-8",
            "failed",
            script="/home/aigul/season/kk-8/lesson.yaml",
            errors=(
                {**told("x", text="/home/aigul/season/kk-8/clip.mp4 is broken"), "where": at("/home/aigul/a/b.yaml")},
            ),
        ),
        result("s3", script="s3://key:secret@bucket/term/s3/lesson.yaml?token=secret"),
        result("disk", script="file:///home/aigul/season/disk/lesson.yaml"),
    ]
    batch = ran(Folder(), given, cache)
    assert [each["script"] for each in batch["lessons"]] == [
        "disk/lesson.yaml",
        "kk-8/lesson.yaml",
        "s3://bucket/term/s3/lesson.yaml",
    ]
    [error] = lesson(batch, "kk-8")["errors"]
    assert (error["message"]["ru"], error["where"]["path"]) == ("clip.mp4 is broken", "a/b.yaml")
    for trace in (b"aigul", b"secret", b"host-17", b"tcp:"):
        assert trace not in batch_bytes(batch)


def at(path: str) -> dict[str, Any]:
    return {"path": path, "line": 1, "column": 2}


def test_one_corrected_lesson_leaves_the_rest_of_the_season_as_it_was(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("a"), result("b", "refused"), result("c", "failed")], cache, 1)
    after = ran(folder, [result("b")], cache, 2)
    assert {each["id"]: (each["outcome"], each["run"]) for each in after["lessons"]} == {
        "a": ("made", 1),
        "b": ("made", 2),
        "c": ("failed", 1),
    }
    assert after["run"]["counts"] == {**dict.fromkeys(after["run"]["counts"], 0), "made": 1}
    assert after["totals"]["films"] == 2


def test_a_lesson_whose_film_has_gone_drops_out(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("gone"), result("stays"), result("refused", "refused"), result("poster")], cache, 1)
    folder.files = {name: data for name, data in folder.files.items() if not name.startswith(("gone/", ".telesabaq"))}
    del folder.files["poster/manifest.json"]
    folder.files["poster/poster.jpg"] = b"?"
    after = ran(folder, [result("new")], cache, 2)
    assert [each["id"] for each in after["lessons"]] == ["new", "poster", "stays"]


def test_nothing_is_read_of_lessons_that_this_run_saw(cache: Cache) -> None:
    folder, results = Folder(), [result("a"), result("b", "refused")]
    ran(folder, results, cache, 1)
    folder.reads.clear()
    ran(folder, results, cache, 2)
    assert folder.reads == [BATCH]


def test_a_failure_that_got_another_id_is_not_told_twice(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("old", "failed", script="kk-8/lesson.yaml"), result("film", script="x/lesson.yaml")], cache, 1)
    again = [result("new", script="kk-8/lesson.yaml"), result("other", script="x/lesson.yaml")]
    # The film of the old id still lies there, whatever its lesson is called today.
    assert [each["id"] for each in ran(folder, again, cache, 2)["lessons"]] == ["film", "new", "other"]


def test_scripts_named_from_within_their_folder_do_not_replace_each_other(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("a", "failed", script="lesson.yaml")], cache, 1)
    assert len(ran(folder, [result("b", script="lesson.yaml")], cache, 2)["lessons"]) == 2


def test_two_lessons_of_one_id_are_both_told(cache: Cache) -> None:
    batch = ran(Folder(), [result("a", script="x/a"), result("a", "failed", script="y/a")], cache)
    assert [each["outcome"] for each in batch["lessons"]] == ["made", "failed"]


def test_a_failed_lesson_says_what_it_is_about_and_that_an_old_film_lies_there(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("a")], cache, 1)
    after = ran(folder, [result("a", "failed", facts={})], cache, 2)
    assert lesson(after, "a")["facts"]["topic"] == "Квадрат теңдеудің түбірлері"
    assert lesson(after, "a")["film"]["name"] == "a.mp4"
    assert after["totals"]["films"] == 0
    del folder.files["a/manifest.json"]
    assert lesson(ran(folder, [result("b")], cache, 3), "a")["film"] is None


def test_a_refused_film_is_not_shown_as_an_older_one(cache: Cache) -> None:
    folder = Folder()
    ran(folder, [result("a", "refused")], cache, 1)
    assert lesson(ran(folder, [result("a", "not-run")], cache, 2), "a")["film"] is None


@pytest.mark.parametrize("outcome", ["failed", "refused"])
def test_what_was_wrong_with_a_lesson_left_alone_still_is(cache: Cache, outcome: Any) -> None:
    folder = Folder()
    before = lesson(ran(folder, [result("a", outcome)], cache, 1), "a")
    after = ran(folder, [result("a", "left-alone", facts={}, film=None)], cache, 2)
    assert lesson(after, "a") == {**before, "run": 2, "encoded": 0}
    assert after["run"]["counts"]["left-alone"] == 1


def test_a_lesson_left_alone_keeps_its_film_and_its_warnings(cache: Cache) -> None:
    folder, warned = Folder(), result("a", warnings=(told("loud", "warning"),))
    ran(folder, [warned], cache, 1)
    kept = lesson(ran(folder, [result("a", "left-alone", facts={}, film=None)], cache, 2), "a")
    assert (kept["outcome"], len(kept["warnings"]), kept["film"]["folder"]) == ("left-alone", 1, "a")


def test_what_nobody_reads_to_its_end_is_cut_off(cache: Cache) -> None:
    endless = told("x", text="ә" * 9000)
    batch = ran(Folder(), [result("a", "failed", errors=(endless,) * 900)], cache)
    errors = lesson(batch, "a")["errors"]
    assert (len(errors), len(errors[0]["message"]["en"])) == (200, 4000)
    jsonschema.validate(batch, load_json("batch.schema.json"))


def test_a_warning_of_a_manifest_has_no_remedy_and_needs_none(cache: Cache) -> None:
    bare = {name: value for name, value in told("loud", "warning").items() if name != "remedy"}
    batch = ran(Folder(), [result("a", "unchanged", warnings=(bare,))], cache)
    assert lesson(batch, "a")["warnings"][0]["remedy"] == {"kk": "", "ru": "", "en": ""}


def test_hidden_characters_are_written_out_and_lone_surrogates_do_no_harm(cache: Cache) -> None:
    folder = Folder()
    facts = {**result().facts, "topic": HOSTILE + ZALGO + "\udcff\u2028\u200f"}
    batch = ran(folder, [result("a", facts=facts)], cache)
    raw = folder.files[BATCH].decode("utf-8")
    assert "\u202e" not in raw
    assert "\u2028" not in raw
    assert raw.count("\n") == len(raw.splitlines())
    assert lesson(batch, "a")["facts"]["topic"] == facts["topic"]


GOOD = json.loads(batch_bytes(summarise([result("a"), result("b", "refused")], RUN)))


def spoilt(change: Any) -> bytes:
    data = json.loads(json.dumps(GOOD))
    change(data)
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"format": 2}',
        b'{"format": 1, "lessons": 7}',
        b"[" * 100_000,
        batch_bytes(GOOD)[:-300],
        spoilt(lambda data: data["lessons"][0]["film"].update(folder="../../etc")),
        spoilt(lambda data: data["lessons"][0]["film"].update(folder="b")),
        spoilt(lambda data: data["lessons"][0]["film"].update(name="../x.mp4")),
        spoilt(lambda data: data["lessons"][0]["film"].update(fps="1/0")),
        spoilt(lambda data: data["lessons"][0]["film"].update(fps="25\n")),
        spoilt(lambda data: data["lessons"][0]["film"].update(poster="javascript:")),
        spoilt(lambda data: data["lessons"][0]["film"].update(outputs=["a/b"])),
        spoilt(lambda data: data["lessons"][0]["film"].update(bytes=-1)),
        spoilt(lambda data: data["lessons"][0]["film"].update(loudness=float("nan"))),
        spoilt(lambda data: data["lessons"][0].update(id=".."))[:],
        spoilt(lambda data: data["lessons"][0].update(seconds=10**400)),
        spoilt(lambda data: data["lessons"][0].update(run=True)),
        spoilt(lambda data: data["lessons"][0].update(outcome="fine")),
        spoilt(lambda data: data["lessons"][0]["facts"].update(language="xx")),
        spoilt(lambda data: data["lessons"][1]["errors"][0]["message"].update(kk=["<b>"])),
        spoilt(lambda data: data["lessons"][1].update(errors="text")),
    ],
)
def test_a_summary_that_is_none_of_ours_is_begun_anew_and_said_so(cache: Cache, raw: bytes) -> None:
    folder = Folder({BATCH: raw})
    notes = write_summary(folder, [result("new")], RUN, cache, "ru")
    batch = json.loads(folder.files[BATCH])
    assert [each["id"] for each in batch["lessons"]] == ["new"]
    assert [(each.code, each.severity) for each in notes] == [("gallery.begun-anew", "note")]
    assert [each["code"] for each in batch["notes"]] == ["gallery.begun-anew"]
    assert "начата заново" in folder.files[PAGE].decode()
    # Once is enough.
    assert write_summary(folder, [result("new")], RUN, cache, "ru") == ()


def test_the_good_one_of_these_tests_is_good() -> None:
    assert read_batch(spoilt(lambda data: None))["lessons"] == GOOD["lessons"]


texts = st.text(max_size=40)
problems = st.builds(
    lambda text, line: told("code", "error", text or " ", line), texts, st.integers(min_value=0, max_value=9999)
)
facts = st.fixed_dictionaries(
    {
        "language": st.sampled_from(["kk", "ru"]),
        "grade": st.integers(1, 11),
        "subject": st.fixed_dictionaries({"id": texts, "name": texts}),
        "topic": texts,
        "teacher": texts,
    }
)
outcomes = st.sampled_from(["made", "unchanged", "refused", "failed", "left-alone", "not-run"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(texts, texts, outcomes, facts | st.just({}), st.lists(problems, max_size=3)), max_size=6))
def test_whatever_lessons_are_called_the_summary_keeps_to_its_schema(drawn: list[Any]) -> None:
    results = [
        replace(result("a", outcome), id=name, script=script, facts=about, film=None, errors=tuple(wrong))
        for name, script, outcome, about, wrong in drawn
    ]
    raw = batch_bytes(summarise(results, RUN))
    jsonschema.validate(json.loads(raw), load_json("batch.schema.json"))
    again = read_batch(raw)["lessons"]
    # What was read back says the same once more.
    assert batch_bytes({**json.loads(raw), "lessons": again}) == raw
