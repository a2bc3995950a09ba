"""Rules of a submission: what is in it, and how it belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from stat import S_ISDIR, S_ISLNK, S_ISREG

from pipeline.checks.dangerous import is_dangerous
from pipeline.checks.kinds import MANIFEST, claimed, extension_of
from pipeline.checks.names import printable
from pipeline.checks.registry import Limits, rule
from pipeline.checks.subject import Blocked, Kind, NotApplicable, Subject
from pipeline.checks.submission import Form, Manifest, SubmissionSubject, digest_of, read_manifest
from pipeline.errors import Place
from pipeline.reports.model import Finding

EMPTY = "SUB-004"
PROPER_NAMES = {Kind.SCRIPT: "lesson.yaml", Kind.SCENARIO: "scenario.yaml"}
MEDIA = (Kind.PICTURE, Kind.SOUND, Kind.VIDEO, Kind.CAPTIONS)
MOST_NAMES = 5
"""Names of files listed in one finding."""


@rule("SUB-001")
def is_of_a_known_kind(file: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: nothing lies in a submission that nobody can judge. What is dangerous has rules of its own."""
    if file.plain and (not file.size or is_dangerous(file.name, file.head)):
        return
    yield Finding(variant=_variant(file.name, limits), fields={"file": printable(file.name)})


def _variant(name: str, limits: Limits) -> str:
    lower, extension = name.lower(), extension_of(name)
    if lower in limits["leftovers"] or lower.startswith(tuple(limits["leftover_beginnings"])):
        return "leftover"
    if extension in limits["leftover_extensions"] or lower.endswith("~"):
        return "leftover"
    if lower in limits["version_control"]:
        return "version-control"
    if extension in limits["documents"]:
        return "document"
    return "web-page" if extension in limits["web_pages"] else ""


@rule("SUB-002")
def is_a_plain_file(file: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: files and folders only; a link, a pipe or a device is never opened."""
    mode = file.path.lstat().st_mode
    fields = {"file": printable(file.name)}
    if S_ISLNK(mode):
        yield Finding(fields=fields)
    elif S_ISDIR(mode):
        yield Finding(variant="folder", fields=fields)
    else:
        yield Finding(variant="unreadable" if S_ISREG(mode) else "special", fields=fields)


@rule("SUB-003")
def holds_something(file: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a file of no bytes is a slip, whatever it is called."""
    if file.plain and not file.size and not is_dangerous(file.name, b""):
        yield Finding(fields={"file": printable(file.name)})


@rule("SUB-004")
def is_not_empty(submission: SubmissionSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a submission holds at least one file."""
    if not submission.files:
        yield Finding()


@rule("SUB-005")
def holds_what_the_profile_asks_for(submission: SubmissionSubject, limits: Limits) -> Iterator[Finding]:
    """order-121 §41-45: a TV lesson has its script, a scenario its stages, an application its package."""
    if not submission.task.requires:
        raise NotApplicable
    if not submission.files:
        raise Blocked(EMPTY)
    if Kind.ARCHIVE in submission.kinds:
        # A work handed in as a ZIP is a submission of its own, of which this is asked.
        return
    for each in submission.task.requires:
        if Kind(each) not in submission.kinds:
            yield Finding(variant=each, expected=each)


@rule("SUB-006")
def every_file_is_used(submission: SubmissionSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: a medium that no script names was forgotten, or left behind."""
    if not submission.forms:
        raise NotApplicable
    used = submission.referenced()
    for key, file in submission.by_key.items():
        if file.kind in MEDIA and key not in used:
            yield Finding(fields={"file": printable(file.name)}, place=Place(file.shown))


@rule("SUB-007")
def manifest_is_readable(file: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: manifest.json is the one that the build wrote."""
    if file.name != MANIFEST:
        raise NotApplicable
    _, fault, line = read_manifest(file.path)
    if fault:
        yield Finding(measured=fault, place=Place(file.task.file.shown, line))


@rule("SUB-008")
def film_is_the_one_in_the_manifest(submission: SubmissionSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the film that the manifest names is there, and what is there is what was built."""
    if not submission.manifests:
        raise NotApplicable
    for manifest in submission.manifests:
        missing, changed = _outputs(submission, manifest)
        place = Place(manifest.file.shown)
        if missing:
            yield Finding(variant="missing", fields={"files": _listed(missing)}, place=place)
        if changed:
            yield Finding(fields={"files": _listed(changed)}, place=place)


def _outputs(submission: SubmissionSubject, manifest: Manifest) -> tuple[list[str], list[str]]:
    missing, changed = [], []
    for output in manifest.data["outputs"]:
        file = submission.at(manifest.folder, output["path"])
        if file is None or file.kind is Kind.LINK:
            if claimed(output["path"]) is Kind.VIDEO:
                missing.append(output["path"])
        elif file.path.stat().st_size != output["bytes"] or digest_of(file.path) != output["sha256"]:
            changed.append(output["path"])
    return missing, changed


@rule("SUB-009")
def film_was_made_from_this_script(submission: SubmissionSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the script and the media beside a film are those that the film was made from."""
    pairs = [(manifest, script) for manifest in submission.manifests if (script := _script_of(submission, manifest))]
    if not pairs:
        raise NotApplicable
    for manifest, script in pairs:
        lesson = manifest.data["lesson"]
        place = Place(manifest.file.shown)
        if _is_another(script, lesson):
            titles = {"film": lesson["topic"][:120], "script": script.values.get("topic", "")[:120]}
            yield Finding(variant="other-lesson", fields=titles, place=place)
        elif changed := _changed_inputs(submission, manifest, script):
            yield Finding(fields={"files": _listed(changed)}, place=place)


def _script_of(submission: SubmissionSubject, manifest: Manifest) -> Form | None:
    """The script nearest above a manifest."""
    above = [
        form
        for form in submission.forms
        if form.file.kind is Kind.SCRIPT and f"{manifest.folder}/".startswith(f"{form.folder}/" if form.folder else "")
    ]
    return max(above, key=lambda form: len(form.folder), default=None)


def _is_another(script: Form, lesson: dict[str, str]) -> bool:
    """Topic and description both differ: not a correction, but a script of something else."""
    return all(
        key in script.values and " ".join(script.values[key].split()) != " ".join(lesson[key].split())
        for key in ("topic", "description")
    )


def _changed_inputs(submission: SubmissionSubject, manifest: Manifest, script: Form) -> list[str]:
    changed = []
    for source in manifest.data["inputs"]:
        file = submission.at(script.folder, source["path"])
        if file is None or file.kind is Kind.LINK:
            continue
        if file.path.stat().st_size != source["bytes"] or digest_of(file.path) != source["sha256"]:
            changed.append(source["path"])
    return changed


def _listed(names: list[str]) -> str:
    more = " …" if len(names) > MOST_NAMES else ""
    return ", ".join(printable(name)[:120] for name in names[:MOST_NAMES]) + more


@rule("SUB-010")
def script_has_its_own_name(script: Subject, limits: Limits) -> Iterator[Finding]:
    """Project policy: the build finds a script by its name."""
    wanted = PROPER_NAMES[script.kind]
    if script.name == wanted:
        return
    if len(script.name) == len(wanted) and all(
        one == other or not one.isascii() for one, other in zip(script.name, wanted, strict=True)
    ):
        raise Blocked("NAM-007")
    yield Finding(measured=printable(script.name), expected=wanted)
