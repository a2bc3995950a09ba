"""The finished film, judged by the system's ffprobe and ffmpeg, which know nothing of us."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess

import jsonschema
import pytest
from PIL import Image

from pipeline.specs import load_json
from tests.e2e.conftest import Film


def test_picture_sound_and_container_last_exactly_as_long_as_the_structure(film: Film) -> None:
    found = film.probe("-show_entries", "stream=codec_type,duration,nb_frames,start_time:format=duration")
    assert found["format"]["duration"] == "15.000000"
    streams = {
        stream["codec_type"]: stream for stream in found["streams"] if stream["codec_type"] in {"video", "audio"}
    }
    assert streams["video"]["nb_frames"] == "375"
    for stream in streams.values():
        assert (stream["start_time"], stream["duration"]) == ("0.000000", "15.000000")


def test_every_frame_decodes_without_a_word_of_complaint(film: Film) -> None:
    command = ["ffmpeg", "-v", "warning", "-i", str(film.built.film), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == ""


def test_the_picture_is_h264_high_at_level_4_with_bt709_written_on_it(film: Film) -> None:
    entries = "codec_name,profile,level,width,height,pix_fmt,color_range,color_space,color_primaries,color_transfer"
    stream = film.probe("-select_streams", "v:0", "-show_entries", f"stream={entries},r_frame_rate,sample_aspect_ratio")
    assert stream["streams"][0] == {
        "codec_name": "h264",
        "profile": "High",
        "level": 40,
        "width": 1920,
        "height": 1080,
        "pix_fmt": "yuv420p",
        "color_range": "tv",
        "color_space": "bt709",
        "color_primaries": "bt709",
        "color_transfer": "bt709",
        "r_frame_rate": "25/1",
        "sample_aspect_ratio": "1:1",
    }


def test_the_sound_is_aac_lc_48_khz_stereo(film: Film) -> None:
    found = film.probe("-select_streams", "a", "-show_entries", "stream=codec_name,profile,sample_rate,channels")
    assert found["streams"] == [{"codec_name": "aac", "profile": "LC", "sample_rate": "48000", "channels": 2}]


def test_frames_come_one_by_one_at_25_a_second(film: Film) -> None:
    found = film.probe("-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time")
    times = [float(frame["best_effort_timestamp_time"]) for frame in found["frames"]]
    assert times == pytest.approx([number / 25 for number in range(375)], abs=1e-4)


def test_every_part_starts_on_a_key_frame_of_its_own(film: Film) -> None:
    found = film.probe("-select_streams", "v:0", "-show_entries", "packet=pts_time,flags")
    keys = {round(float(packet["pts_time"]) * 25) for packet in found["packets"] if "K" in packet["flags"]}
    assert {0, 25, 150, 175, 200, 225, 250, 275, 300, 350} <= keys


def test_no_group_of_pictures_is_longer_than_two_seconds_or_a_single_frame(film: Film) -> None:
    found = film.probe("-select_streams", "v:0", "-show_entries", "packet=pts_time,flags")
    keys = sorted(round(float(packet["pts_time"]) * 25) for packet in found["packets"] if "K" in packet["flags"])
    lengths = [after - before for before, after in zip(keys, [*keys[1:], 375], strict=True)]
    assert max(lengths) <= 50
    assert min(lengths) >= 2


def test_chapters_are_named_in_the_lessons_language(film: Film) -> None:
    chapters = film.probe("-show_chapters")["chapters"]
    assert [(chapter["start_time"], chapter["tags"]["title"]) for chapter in chapters] == [
        ("0.000000", "Түсіндіру"),
        ("7.000000", "Сұрақтар"),
        ("9.000000", "Тапсырмалар"),
        ("11.000000", "Цифрлық ресурстар"),
        ("12.000000", "Қосымша материалдар"),
    ]


def test_title_teacher_and_language_are_written_into_the_file(film: Film) -> None:
    found = film.probe("-show_entries", "format_tags:stream_tags=language")
    tags = found["format"]["tags"]
    assert tags["title"] == "Квадрат теңдеудің түбірлері"
    assert tags["artist"] == "Айгүл Серікқызы Нұрланова"
    assert {stream["tags"]["language"] for stream in found["streams"] if "language" in stream.get("tags", {})} >= {
        "kaz"
    }


def test_the_index_stands_before_the_media_so_that_players_start_at_once(film: Film) -> None:
    head = film.built.film.read_bytes()[: 1 << 20]
    assert head.index(b"moov") < head.index(b"mdat")


def test_captions_are_a_text_track_and_two_sidecars(film: Film) -> None:
    found = film.probe("-select_streams", "s", "-show_entries", "stream=codec_name")
    assert found["streams"] == [{"codec_name": "mov_text"}]
    text = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(film.built.film), "-map", "0:s", "-f", "srt", "-"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    folder = film.built.folder
    assert "00:00:01,500 --> 00:00:03,000\nСәлеметсіздер ме!" in text
    assert "00:00:01,500 --> 00:00:03,000\nСәлеметсіздер ме!" in (folder / "sabaq.srt").read_text("utf-8")
    assert "00:00:01.500 --> 00:00:03.000\nСәлеметсіздер ме!" in (folder / "sabaq.vtt").read_text("utf-8")
    assert "кескіннен бұрын" not in text


def test_the_film_is_as_loud_as_ebu_r128_asks(film: Film) -> None:
    command = ["ffmpeg", "-i", str(film.built.film), "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stderr
    summary = log[log.index("Summary:") :]
    loudness = float(summary.split("I:")[1].split("LUFS")[0])
    peak = float(summary.split("Peak:")[1].split("dBFS")[0])
    assert loudness == pytest.approx(-23, abs=0.5)
    assert peak <= -1
    assert film.built.manifest["sound"]["loudness"] == pytest.approx(loudness, abs=0.3)


def test_the_manifest_agrees_with_its_schema_and_with_the_files(film: Film) -> None:
    manifest = json.loads((film.built.folder / "manifest.json").read_text("utf-8"))
    jsonschema.validate(manifest, load_json("manifest.schema.json"))
    for output in manifest["outputs"]:
        data = (film.built.folder / output["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (output["bytes"], output["sha256"])
    assert [each["path"] for each in manifest["inputs"]] == ["clip.mp4", "clip.vtt", "lesson.yaml"]
    for each in manifest["inputs"]:
        assert hashlib.sha256((film.lesson / each["path"]).read_bytes()).hexdigest() == each["sha256"]


def test_nothing_else_lies_in_the_output_folder(film: Film) -> None:
    names = {path.name for path in film.built.folder.iterdir()}
    sidecars = {"sabaq.vtt", "sabaq.srt", "cues.csv", "poster.jpg", "storyboard.jpg", "manifest.json"}
    assert names == {"sabaq.mp4"} | sidecars


def test_the_cue_sheet_accounts_for_every_frame(film: Film) -> None:
    rows = list(csv.DictReader((film.built.folder / "cues.csv").read_text("utf-8").splitlines()))
    shots = [row for row in rows if row["track"] == "picture"]
    assert sum(int(row["frames"]) for row in shots) == 375
    assert shots[1]["kind"] == "clip"
    assert (shots[1]["start"], shots[1]["end"]) == ("00:00:01:00", "00:00:06:00")


def test_poster_and_storyboard_are_pictures_of_the_film(film: Film) -> None:
    with Image.open(film.built.folder / "poster.jpg") as poster:
        assert poster.size == (1920, 1080)
    with Image.open(film.built.folder / "storyboard.jpg") as board:
        assert board.width == 4 * (480 + 12) + 12
        assert len(board.convert("L").getcolors(256) or []) > 100


def test_nothing_of_this_machine_is_in_the_outputs(film: Film) -> None:
    manifest = (film.built.folder / "manifest.json").read_text("utf-8")
    assert str(film.lesson.parent) not in manifest
    assert str(film.lesson.parent).encode() not in film.built.film.read_bytes()
