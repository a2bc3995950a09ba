"""Reads specs/ : what an editor may argue about. The rest of the code says how."""

from __future__ import annotations

import json
import marshal
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.errors import Place, SpecError, UsageError
from pipeline.timecode import exact, to_frames

LANGUAGES = ("kk", "ru", "en")
"""Languages of texts for people; lessons are in the first two (concept A9)."""

ENV_CACHE = "TELESABAQ_CACHE"

_PACKAGE = Path(__file__).parent


def data_root() -> Path:
    """The folder that holds specs/ and assets/: inside the wheel, or the checkout."""
    inside = _PACKAGE / "_data"
    return inside if inside.is_dir() else _PACKAGE.parent


def specs_folder() -> Path:
    return data_root() / "specs"


def fonts_folder() -> Path:
    return data_root() / "assets" / "fonts"


def load_yaml(path: Path) -> Any:
    """Plain data, the caller's to change, from one of our own YAML files (an author's: see pipeline.lesson)."""
    return deepcopy(_parsed(path))


@cache
def _parsed(path: Path) -> Any:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError.of("spec.unreadable", Place(path.name), reason=str(error)) from error
    remembered = cache_folder() / "specs" / f"{sha256(raw).hexdigest()}.{sys.implementation.cache_tag}"
    try:
        return marshal.loads(remembered.read_bytes())  # noqa: S302  # as trusted as Python's own .pyc beside it
    except (OSError, ValueError, EOFError, TypeError):
        pass
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe").load(raw.decode("utf-8"))
    except (UnicodeDecodeError, YAMLError) as error:
        raise SpecError.of("spec.unreadable", Place(path.name), reason=str(error)) from error
    _remember(remembered, data)
    return data


def _remember(target: Path, data: Any) -> None:
    """Keep what was parsed: reading YAML anew is a good part of a short command. A folder that says no is no fault."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(marshal.dumps(data))
        partial.replace(target)
    except (OSError, ValueError):
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def cache_folder() -> Path:
    """Where what can be made again is kept: TELESABAQ_CACHE, or the user's cache folder."""
    asked = os.environ.get(ENV_CACHE)
    if asked:
        return Path(asked)
    from platformdirs import user_cache_path

    return user_cache_path("telesabaq")


@cache
def load_json(name: str) -> Any:
    """A JSON schema from specs/schemas."""
    return json.loads((specs_folder() / "schemas" / name).read_text(encoding="utf-8"))


@cache
def validator(name: str) -> Any:
    """A jsonschema validator of a schema of specs/schemas, put together once: checking the schema itself is dear."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_json(name))


@dataclass(frozen=True, slots=True)
class FixedCard:
    """A card with a fixed place and length: the title card, the closing message. Frames."""

    card: str
    frames: int


@dataclass(frozen=True, slots=True)
class PartSpec:
    """One part of the rundown: planned length in frames, how many items it takes, what opens and ends it."""

    id: str
    name: Mapping[str, str]
    one: Mapping[str, str]
    frames: int
    min_items: int
    max_items: int
    per_card: int
    opens_with: FixedCard | None
    ends_with: FixedCard | None
    time_bar: int
    clause: str = ""
    """Where the documents ask for this part."""


@dataclass(frozen=True, slots=True)
class NameCaptionSpec:
    """When the teacher's name stands over a clip (A3). All in frames."""

    first_after: int
    frames: int
    slide_frames: int
    again_from: int


@dataclass(frozen=True, slots=True)
class Structure:
    """A lesson structure: parts whose frames add up to the film."""

    id: str
    fps: Fraction
    parts: tuple[PartSpec, ...]
    tolerance: int
    name_caption: NameCaptionSpec

    @property
    def frames(self) -> int:
        return sum(part.frames for part in self.parts)

    def part(self, part_id: str) -> PartSpec:
        return next(part for part in self.parts if part.id == part_id)

    def start_of(self, part_id: str) -> int:
        """The frame on which a part starts."""
        start = 0
        for part in self.parts:
            if part.id == part_id:
                return start
            start += part.frames
        raise KeyError(part_id)


@dataclass(frozen=True, slots=True)
class Profile:
    """A deliverable: its container and its size limit in bytes (C3)."""

    id: str
    container: str
    extension: str
    max_bytes: int
    captions_track: bool


@dataclass(frozen=True, slots=True)
class HouseFormat:
    """Encoding of every segment and of the sound. Sizes in pixels, bits a second, LUFS, dBTP, ms."""

    width: int
    height: int
    gop: int
    segment_frames: int
    preset: str
    crf: int
    most_bits: int
    x264: str
    still_crf: int
    still_x264: str
    still_budget_bits: int
    sample_rate: int
    channels: int
    audio_bit_rate: int
    loudness: float
    true_peak: float
    bed_below_voice: float
    bed_alone: float
    fade_ms: int


def _named(kind: str, name: str) -> Path:
    """A spec by its name, or a path to a file of the caller's own."""
    own = Path(name)
    if own.suffix in {".yaml", ".yml"}:
        if not own.is_file():
            raise UsageError.of("spec.no-such-file", path=name)
        return own
    path = specs_folder() / kind / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in path.parent.glob("*.yaml")))
        raise UsageError.of(f"spec.unknown-{kind[:-1]}", name=name, known=known)
    return path


def load_structure(name: str = "tv-lesson") -> Structure:
    """The lesson structure called `name`, or the YAML file at that path."""
    path = _named("structures", name)
    raw = load_yaml(path)
    fps = exact(raw["fps"])

    def frames(seconds: float | int) -> int:
        return to_frames(exact(seconds), fps)

    def fixed(entry: Mapping[str, Any] | None) -> FixedCard | None:
        return FixedCard(entry["card"], frames(entry["seconds"])) if entry else None

    try:
        parts = tuple(
            PartSpec(
                id=part["id"],
                name=part["name"],
                one=part.get("one", part["name"]),
                frames=frames(part["seconds"]),
                min_items=part["items"]["min"],
                max_items=part["items"]["max"],
                per_card=part["items"].get("per_card", 1),
                opens_with=fixed(part.get("opens_with")),
                ends_with=fixed(part.get("ends_with")),
                time_bar=part.get("time_bar", 0),
                clause=part.get("clause", ""),
            )
            for part in raw["parts"]
        )
        caption = raw["name_caption"]
        return Structure(
            id=raw["id"],
            fps=fps,
            parts=parts,
            tolerance=frames(raw["tolerance_seconds"]),
            name_caption=NameCaptionSpec(
                first_after=frames(caption["first_after"]),
                frames=frames(caption["seconds"]),
                slide_frames=frames(caption["slide_seconds"]),
                again_from=frames(caption["again_from"]),
            ),
        )
    except (KeyError, TypeError) as error:
        raise SpecError.of("spec.incomplete", Place(path.name), missing=str(error)) from error


def load_profile(name: str = "platform") -> Profile:
    """The delivery profile called `name`, or the YAML file at that path."""
    path = _named("profiles", name)
    raw = load_yaml(path)
    try:
        return Profile(
            id=raw["id"],
            container=raw["container"],
            extension=raw["extension"],
            max_bytes=raw["max_bytes"],
            captions_track=raw["captions_track"],
        )
    except (KeyError, TypeError) as error:
        raise SpecError.of("spec.incomplete", Place(path.name), missing=str(error)) from error


@cache
def load_house_format() -> HouseFormat:
    raw = load_yaml(specs_folder() / "house_format.yaml")
    picture, sound = raw["picture"], raw["sound"]
    return HouseFormat(
        width=picture["width"],
        height=picture["height"],
        gop=picture["gop"],
        segment_frames=picture["segment_frames"],
        preset=picture["preset"],
        crf=picture["crf"],
        most_bits=picture["most_bits"],
        x264=picture["x264"],
        still_crf=picture["still_crf"],
        still_x264=picture["still_x264"],
        still_budget_bits=picture["still_budget_bits"],
        sample_rate=sound["rate"],
        channels=sound["channels"],
        audio_bit_rate=sound["bit_rate"],
        loudness=sound["loudness_lufs"],
        true_peak=sound["true_peak_dbtp"],
        bed_below_voice=sound["bed_below_voice_lu"],
        bed_alone=sound["bed_alone_lu"],
        fade_ms=sound["fade_ms"],
    )
