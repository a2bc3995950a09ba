"""A quiet bed: plucked strings in a pentatonic figure, the lower string droning as a dombra's does."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt

RATE = 44_100
BEAT = 0.3
LOW = 146.83
"""The lower string, D3. The upper one is a fourth above, as on a dombra."""

_STEPS = (0, 2, 4, 7, 9, 12, 14, 16)
"""Major pentatonic, in semitones above the upper string."""

_PHRASES = (
    (0, 2, 3, 2, 4, 3, 2, 0),
    (0, 2, 3, 4, 5, 4, 3, 2),
    (5, 4, 3, 4, 3, 2, 1, 0),
    (2, 3, 2, 0, 1, 2, 0, 0),
)
_FORM = (0, 1, 0, 3, 1, 2, 1, 3, 2, 2, 0, 3, 0, 1, 2, 3)
"""Sixteen bars of eight strokes: 38.4 seconds."""

Sound = npt.NDArray[np.float64]


def bed() -> bytes:
    """WAV of the loop; its last ringing notes are folded into its beginning, so that it joins itself."""
    bars = [_PHRASES[number] for number in _FORM]
    strokes = [step for bar in bars for step in bar]
    length = round(len(strokes) * BEAT * RATE)
    tail = 3 * RATE
    sound = np.zeros(length + tail)
    for count, step in enumerate(strokes):
        first = round(count * BEAT * RATE)
        accent = (1.0, 0.55, 0.75, 0.55)[count % 4]
        upper = LOW * 2 ** ((5 + _STEPS[step]) / 12)
        _add(sound, first, accent * _pluck(upper, 2.4, count))
        if count % 4 != 3:
            _add(sound, first + round(0.012 * RATE), 0.6 * accent * _pluck(LOW, 2.0, count + 500))
    sound[:tail] += sound[length:]
    loop = sound[:length]
    loop *= 0.5 / np.abs(loop).max()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((loop * 32767).astype("<i2").tobytes())
    return out.getvalue()


def _pluck(frequency: float, seconds: float, seed: int) -> Sound:
    """Additive pluck: partials that die away the faster the higher they are, and a soft touch of the nail."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for partial in range(1, 11):
        pitch = frequency * partial * np.sqrt(1 + 0.00012 * partial**2)
        if pitch > RATE / 2.5:
            break
        strength = np.sin(np.pi * partial * 0.22) / partial**1.25
        sound += strength * np.exp(-time * (1.6 + 0.75 * partial)) * np.sin(2 * np.pi * pitch * time)
    touch = np.random.default_rng(seed).standard_normal(len(time)) * np.exp(-time * 240) * 0.05
    attack = np.minimum(1.0, time / 0.003)
    fade = np.minimum(1.0, (seconds - time) / 0.2)
    faded: Sound = (sound + touch) * attack * fade
    return faded


def _add(sound: Sound, first: int, note: Sound) -> None:
    end = min(len(sound), first + len(note))
    sound[first:end] += note[: end - first]
