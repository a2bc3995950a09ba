"""What was done to the sound: levels found and set, and what the author should know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import Problem

if TYPE_CHECKING:
    from pipeline.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """A voice from film frame `frame` on: loudness found in LUFS, gain given in dB, whether its peaks were limited."""

    frame: int
    name: str
    measured: float | None
    gain: float
    limited: bool


@dataclass(frozen=True, slots=True)
class SoundReport:
    """The film's sound. `loudness` (LUFS) and `true_peak` (dBTP) are measured on the final mix, before AAC.

    `bed_gain` in dB where nobody speaks, None without a bed. `draft`: a machine voice, or the gap left for one,
    is in the film.
    """

    loudness: float | None
    true_peak: float | None
    voices: tuple[VoiceReport, ...]
    bed_gain: float | None
    draft: bool
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data. Places are left out: lines of the script move while the sound stays the same."""
        return {
            "loudness": self.loudness,
            "true_peak": self.true_peak,
            "voices": [asdict(voice) for voice in self.voices],
            "bed_gain": self.bed_gain,
            "draft": self.draft,
            "problems": [
                {"code": problem.code, "fields": dict(problem.fields), "severity": problem.severity}
                for problem in self.problems
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], timeline: Timeline | None = None) -> SoundReport:
        """The report again; problems of a voice are given their place in the script as `timeline` knows it now."""
        places = {sound.start: sound.place for sound in timeline.sounds} if timeline else {}
        return cls(
            loudness=data["loudness"],
            true_peak=data["true_peak"],
            voices=tuple(VoiceReport(**voice) for voice in data["voices"]),
            bed_gain=data["bed_gain"],
            draft=data["draft"],
            problems=tuple(
                Problem(
                    problem["code"], places.get(problem["fields"].get("frame")), problem["fields"], problem["severity"]
                )
                for problem in data["problems"]
            ),
        )
