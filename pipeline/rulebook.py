"""The catalogue of rules (specs/rules) and the profiles that choose among them (specs/check_profiles)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import Severity, SpecError, UsageError
from pipeline.specs import load_yaml, specs_folder

Basis = Literal["order", "policy"]
"""`order`: the documents ask for it, in the clause named. `policy`: the project's own decision."""

DEFAULT_PROFILE = "platform"

Texts = Mapping[str, str]
"""Language -> text."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a finding says: a message and a remedy in each language, with {field} placeholders."""

    message: Texts
    remedy: Texts


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue."""

    id: str
    name: str
    clause: str
    """Document, paragraph and the short sign of docs/sources.md, for example "order-121 §45 1), C3"."""
    basis: Basis
    severity: Severity
    kinds: tuple[str, ...]
    limits: Mapping[str, Any]
    title: Texts
    why: Texts
    wording: Wording
    variants: Mapping[str, Wording]
    """Other wordings of the same rule, by the name a finding gives."""
    question: Texts | None
    """For rules that only a person can judge: what to ask. Such rules have no function."""
    clocks: tuple[str, ...] = ()
    """Placeholders whose numbers are seconds that people read as minutes and seconds."""
    terms: tuple[str, ...] = ()
    """Placeholders that hold words of a format or of somebody else's parser, told as specs/messages/terms.yaml has
    them.
    """
    reason: Texts | None = None
    """Why the profile in use changed the severity."""
    warnings_fail: bool = False
    """Whether the profile makes errors of the milder cases, too, that the rule itself would only warn of."""

    def says(self, variant: str) -> Wording:
        """The wording of a variant; a variant that nobody wrote is the rule's own."""
        return self.variants.get(variant, self.wording)


@dataclass(frozen=True, slots=True)
class CheckProfile:
    """Which rules are judged, with which severities and limits. `requires`: kinds a submission must hold."""

    id: str
    title: Texts
    rules: Mapping[str, Rule]
    requires: tuple[str, ...]


@cache
def rulebook() -> Mapping[str, Rule]:
    """Every rule by id, in the order of the ids."""
    found: dict[str, Rule] = {}
    for path in sorted((specs_folder() / "rules").glob("*.yaml")):
        for identity, entry in load_yaml(path).items():
            if identity in found:
                raise SpecError.of("spec.duplicate-rule", name=identity, file=path.name)
            found[identity] = _rule(identity, entry, path.name)
    return dict(sorted(found.items()))


def _rule(identity: str, entry: Mapping[str, Any], file: str) -> Rule:
    try:
        wording = Wording(entry.get("message", {}), entry.get("remedy", {}))
        variants = {
            name: Wording(each["message"], each.get("remedy", wording.remedy))
            for name, each in entry.get("variants", {}).items()
        }
        return Rule(
            id=identity,
            name=entry["name"],
            clause=entry["clause"],
            basis=entry["basis"],
            severity=entry["severity"],
            kinds=tuple(entry["kinds"]),
            limits=entry.get("limits", {}),
            title=entry["title"],
            why=entry["why"],
            wording=wording,
            variants=variants,
            question=entry.get("question"),
            clocks=tuple(entry.get("clocks", ())),
            terms=tuple(entry.get("terms", ())),
        )
    except KeyError as error:
        raise SpecError.of("spec.incomplete-rule", name=identity, file=file, key=error.args[0]) from error


def profile_names() -> list[str]:
    return sorted(path.stem for path in (specs_folder() / "check_profiles").glob("*.yaml"))


def load_check_profile(
    name: str = DEFAULT_PROFILE, *, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> CheckProfile:
    """A profile narrowed to `select` and without `ignore` (ids or patterns such as "PIC-*").

    Raises UsageError for a profile or rule that does not exist.
    """
    path = specs_folder() / "check_profiles" / f"{name}.yaml"
    if name not in profile_names():
        raise UsageError.of("check.no-such-profile", name=name, known=", ".join(profile_names()))
    for pattern in (*select, *ignore):
        if not _matching(pattern, rulebook()):
            raise UsageError.of("check.no-such-rule", name=pattern)
    return _narrowed(_profile(path), select, ignore)


def _profile(path: Path) -> CheckProfile:
    entry = load_yaml(path)
    chosen = {id_ for pattern in entry["rules"] for id_ in _matching(pattern, rulebook())}
    rules = {id_: rule for id_, rule in rulebook().items() if id_ in chosen}
    for pattern, change in entry.get("severities", {}).items():
        for id_ in _matching(pattern, rules):
            rules[id_] = _changed(rules[id_], change)
    for id_, limits in entry.get("limits", {}).items():
        rules[id_] = replace(rules[id_], limits={**rules[id_].limits, **limits})
    return CheckProfile(entry["id"], entry["title"], rules, tuple(entry.get("requires", ())))


def _changed(rule: Rule, change: Mapping[str, Any]) -> Rule:
    """The rule with another severity. `from`: only where it has that one."""
    severity, before = change["severity"], change.get("from", rule.severity)
    lifted = rule.warnings_fail or (before == "warning" and severity == "error")
    if rule.severity != before:
        return replace(rule, warnings_fail=lifted)
    return replace(rule, severity=severity, reason=change["reason"], warnings_fail=lifted)


def _narrowed(profile: CheckProfile, select: Sequence[str], ignore: Sequence[str]) -> CheckProfile:
    kept = {
        id_: rule
        for id_, rule in profile.rules.items()
        if (not select or any(_matches(id_, each) for each in select))
        and not any(_matches(id_, each) for each in ignore)
    }
    return replace(profile, rules=kept)


def _matching(pattern: str, rules: Mapping[str, Rule]) -> list[str]:
    return [id_ for id_ in rules if _matches(id_, pattern)]


def _matches(identity: str, pattern: str) -> bool:
    return fnmatchcase(identity, pattern.upper())
