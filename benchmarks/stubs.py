"""What a worker process of the overhead bench does instead of encoding. Loaded by Dask's own `worker.preload` setting.

The product knows nothing of it and has no switch for it. TELESABAQ_BENCH_STUB says how much is left out:

media: encoders and decoders (a clip is measured once, for all lessons), sound, joining, checking and the setting and
drawing of cards. Scripts are read, inputs have their digests taken, lessons are laid out, every key is computed, pieces
go into the real cache, and manifests are real.

lessons: the same, and scripts are not read either: every lesson is a made-up one of PIECES segments.
"""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ENV_STUB, ENV_POSTER = "TELESABAQ_BENCH_STUB", "TELESABAQ_BENCH_POSTER"

PIECES, FRAMES = 14, 375
"""Of a made-up lesson: as the fifteen-second one has."""

FILM = b"no film" * 512


def dask_setup(worker: Any) -> None:
    """Called by Dask in every worker before its first task."""
    how = os.environ.get(ENV_STUB)
    if how:
        _without_media()
    if how == "lessons":
        _without_lessons()


def settings(how: str, poster: Path) -> dict[str, str]:
    """The environment with which a batch's workers are stubbed."""
    return {"DASK_DISTRIBUTED__WORKER__PRELOAD": __name__, ENV_STUB: how, ENV_POSTER: str(poster)}


# Encoders, sound, joining, check and cards -------------------------------------------------------


def _without_media() -> None:
    from pipeline.audio import sound
    from pipeline.batch import tasks
    from pipeline.cards.typeset import Fit, Typesetter
    from pipeline.render import clips, engine, film, plan, prepare, stills

    stills._encode = clips._encode = _encode
    prepare.media_facts = plan.media_facts = _measured_once(prepare.media_facts)
    engine._expect_frames = lambda segment, path: None
    for module in (sound, film):
        if hasattr(module, "make_sound"):
            module.make_sound = _make_sound
    film.deliver = lambda pieces, sound, timeline, labels, profile, target, work: target.write_bytes(FILM)
    film.storyboard = _storyboard
    tasks.check_findings = lambda folder, options, scratch: ([], [])
    Typesetter._fit = lambda self, entry, sheet, place: Fit(())
    # What is drawn is not a picture, but no two cards draw the same.
    Typesetter._draw = lambda self, entry, sheet, scale, place: self._key(entry, sheet).encode()
    Typesetter.png = lambda self, card, step=0, steps=0, scale=1.0: self.key(card, step, steps).encode()
    Typesetter._plate = _plate


def _encode(*given: Any) -> str:
    """Stands for stills._encode and clips._encode: what comes last is (target, on_frame, cancel)."""
    target: Path = given[-3]
    target.write_bytes(target.name.encode())
    return ""


def _measured_once(measure: Any) -> Any:
    """Facts of the first file of a name for all others: each lesson of the season has the same clip."""
    known: dict[str, Any] = {}

    def facts(asset: Any, cache: Any) -> Any:
        if asset.path.name not in known:
            known[asset.path.name] = measure(asset, cache)
        cache.digest(asset.path)
        return known[asset.path.name]

    return facts


def _make_sound(timeline: Any, house: Any, target: Path, folder: Path, *, cancel: Any = None) -> Any:
    from pipeline.audio.report import SoundReport

    target.write_bytes(b"no sound")
    return SoundReport(-23.0, -3.0, (), None, draft=False, problems=())


def _storyboard(pieces: Any, timeline: Any, font: Path, target: Path, title: Path) -> None:
    target.write_bytes(_poster())
    # No two films have the same.
    title.write_bytes(_poster() + pieces[0].path.name.encode())


def _plate(self: Any, entry: str, sheet: dict[str, Any], bottom: int) -> Any:
    from pipeline.cards.typeset import CaptionPicture

    return CaptionPicture(self._draw(entry, sheet, 1.0, None), self.theme.safe["left"], bottom - 140, 800, 140)


def _poster() -> bytes:
    """A true poster: the gallery makes a thumbnail of it, and that belongs to the batch."""
    return Path(os.environ[ENV_POSTER]).read_bytes()


# Scripts as well ---------------------------------------------------------------------------------


def _without_lessons() -> None:
    from pipeline.batch import workshop

    # A workshop lays a lesson out by these two.
    workshop.prepare = lambda script, *_, **__: script
    workshop.Film = _film_class()


def _film_class() -> Any:
    from pipeline.render.cache import key_of
    from pipeline.render.film import Film
    from pipeline.render.segments import Segment, Use

    class MadeUp(Film):
        """A film of PIECES segments that nobody planned; what becomes of them is the product's own."""

        def __init__(self, script: Path, profile: Any, cache: Any, work: Path, origin: Any = None) -> None:
            self.profile, self.cache, self.work, self.origin = profile, cache, work, origin
            self.house: Any = None
            name, frames = script.parent.name, FRAMES // PIECES
            self.segments = [
                Segment(
                    key_of({"film": name, "piece": at}), "card", frames, at * frames, (Use(0, frames, 1),), {}, _encode
                )
                for at in range(PIECES)
            ]
            self.sound = key_of({"film": name, "sound": 1})
            self._inputs = {"lesson.yaml": cache.digest(script)}
            about = {"language": "kk", "grade": 8, "subject_id": "algebra", "subject": "Алгебра"}
            words = {"topic": SimpleNamespace(plain=name), "teacher": SimpleNamespace(name="Айгүл Нұрланова")}
            lesson: Any = SimpleNamespace(id=name, script=script, folder=script.parent, **about, **words)
            structure = SimpleNamespace(fps=Fraction(25))
            timeline: Any = SimpleNamespace(sounds=(), frames=FRAMES, structure=structure, shots=(), cues=())
            self.lesson, self.timeline = lesson, timeline

        def key(self) -> str:
            return key_of({"film": self.lesson.id})

        def inputs(self) -> dict[str, str]:
            return self._inputs

        def problems(self) -> tuple[()]:
            return ()

        def join(self, key: str) -> Any:
            return _joined(self, key)

    return MadeUp


def _joined(film: Any, key: str) -> Any:
    from pipeline.render.film import Joined

    outputs = {film.name: FILM, "poster.jpg": _poster() + film.lesson.id.encode()}
    files = {}
    for name, data in outputs.items():
        files[name] = film.work / name
        files[name].write_bytes(data)
    manifest = {
        "format": 1,
        "build": key,
        "lesson": {"id": film.lesson.id},
        "film": {"bytes": len(FILM), "frames": FRAMES, "fps": "25"},
        "sound": {"loudness": -23.0, "true_peak": -3.0},
        "outputs": [
            {"path": name, "bytes": path.stat().st_size, "sha256": film.cache.digest(path)}
            for name, path in files.items()
        ],
        "warnings": [],
    }
    files["manifest.json"] = film.work / "manifest.json"
    files["manifest.json"].write_text(json.dumps(manifest), encoding="utf-8")
    return Joined(files, manifest)
