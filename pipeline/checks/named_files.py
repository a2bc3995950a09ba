"""Files that a script names for one thing and that are another: a video as a picture, a picture as a clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.checks.kinds import kind_by_content, kind_of_bytes
from pipeline.checks.subject import HEAD_BYTES, Kind
from pipeline.lesson.model import Asset, Clip, Lesson, Slide
from pipeline.media.pictures.formats import nature, other_picture, picture_format

Role = Literal["clip", "picture", "sound"]

_FIT: dict[Role, set[Kind]] = {
    # A sound as a clip, or a video without sound, is told when the film is laid out.
    "clip": {Kind.VIDEO, Kind.SOUND},
    "picture": {Kind.PICTURE},
    "sound": {Kind.SOUND, Kind.VIDEO},
}


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A file that cannot be what the script names it for; `found` is the usual name of what it is."""

    asset: Asset
    role: Role
    found: str


def misnamed_files(lesson: Lesson, *, together: bool) -> Iterator[Misnamed]:
    """Files whose content is known and of another kind. `together`: files have reports of their own, which tell where
    a name lies about its content.
    """
    for role, asset in _named(lesson):
        try:
            with asset.path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        except OSError:
            continue
        kind = kind_by_content(head, asset.name)
        lies = together and kind_of_bytes(head, asset.name) in _FIT[role]
        if kind is not Kind.OTHER and kind not in _FIT[role] and not lies:
            yield Misnamed(asset, role, picture_format(head) or other_picture(head) or nature(head))


def _named(lesson: Lesson) -> Iterator[tuple[Role, Asset]]:
    for item in lesson.explanation:
        if isinstance(item, Clip):
            yield "clip", item.file
        elif isinstance(item, Slide) and item.picture is not None:
            yield "picture", item.picture
    spoken = [item.narration for item in lesson.explanation if isinstance(item, Slide)]
    spoken += [task.narration for task in (*lesson.questions, *lesson.exercises)]
    spoken += [reference.narration for reference in (*lesson.resources, *lesson.links)]
    spoken += [*lesson.narration.values(), lesson.music.file if lesson.music is not None else None]
    yield from (("sound", asset) for asset in spoken if asset is not None)
