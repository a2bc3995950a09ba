"""A new lesson: a folder with a script that builds as it stands, for a teacher to write over."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import Place, UsageError
from pipeline.lesson.load import SCRIPT_NAME
from pipeline.lesson.vocabulary import SCHEMA
from pipeline.specs import specs_folder

MEDIA_FOLDER = "media"
SCHEMA_FOLDER = ".telesabaq"
"""Beside the script, so that the editor's hints work on any machine without the internet."""


def new_lesson(folder: Path, language: str) -> list[Path]:
    """Write the script of `language` (kk or ru), the schema for editors and an empty media folder into `folder`.

    The folder is made if need be. The answer names what was written, the script first.
    Raises UsageError for a folder that is not empty or cannot be written to, or a language without a template.
    """
    templates = specs_folder() / "templates" / "new"
    template = templates / language / SCRIPT_NAME
    if language not in {each.name for each in templates.iterdir()}:
        raise UsageError.of("new.unknown-language", language=language)
    place = Place(str(folder))
    if folder.exists() and not folder.is_dir():
        raise UsageError.of("new.folder-is-file", place, folder=str(folder))
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError.of("new.folder-not-empty", place, folder=str(folder))
        script, schema = folder / SCRIPT_NAME, folder / SCHEMA_FOLDER / SCHEMA
        (folder / MEDIA_FOLDER).mkdir(parents=True, exist_ok=True)
        schema.parent.mkdir(exist_ok=True)
        script.write_bytes(template.read_bytes())
        schema.write_bytes((specs_folder() / "schemas" / SCHEMA).read_bytes())
    except OSError as error:
        raise UsageError.of(
            "new.cannot-write", place, folder=str(folder), reason=error.strerror or str(error)
        ) from error
    return [script, schema]
