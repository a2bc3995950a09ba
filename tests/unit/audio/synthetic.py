"""Synthetic sound with a known answer. Judges are the system's ffprobe and ffmpeg, not the product's own."""

from __future__ import annotations

import json
import re
import subprocess
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.audio.pcm import PcmFile
from pipeline.errors import Place
from pipeline.media import ffmpeg
from pipeline.specs import load_structure
from pipeline.timeline.model import Sound, Timeline

RATE = 48_000
PLACE = Place("lesson.yaml", 7, 3)


def tone(seconds: float, dbfs: float, hertz: float = 997.0, rate: int = RATE) -> np.ndarray:
    """A sine of `dbfs` peak. In both channels, 997 Hz at -23 dBFS is -23 LUFS (EBU Tech 3341, case 1)."""
    at = np.arange(round(seconds * rate)) / rate
    return 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * at)


def speechlike(seconds: float, dbfs: float, seed: int = 1) -> np.ndarray:
    """Noise from 100 to 4000 Hz of `dbfs` (RMS before shaping) in five bursts a second: about as peaky as speech."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum[(hertz < 100) | (hertz > 4000)] = 0
    noise = np.fft.irfft(spectrum, count)
    noise *= 10 ** (dbfs / 20) / np.sqrt(np.mean(noise**2))
    shape: np.ndarray = (0.5 - 0.5 * np.cos(2 * np.pi * 5 * np.arange(count) / RATE)) ** 2
    return noise * shape


def write_wav(path: Path, *channels: np.ndarray, rate: int = RATE) -> Path:
    """16-bit WAV of the given channels."""
    frames = np.rint(np.clip(np.stack(channels, axis=1), -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames.tobytes())
    return path


def write_pcm(path: Path, sound: np.ndarray) -> PcmFile:
    """The product's own form: the same sound in both channels."""
    np.stack([sound, sound], axis=1).astype("<f4").tofile(path)
    return PcmFile.at(path)


def convert(*arguments: str | Path) -> None:
    """Make a media file through the product's runner."""
    ffmpeg.run([str(argument) for argument in arguments], timeout=60, level="error")


def decode(path: Path) -> np.ndarray:
    """All samples of a file by the system's ffmpeg, shape (samples, 2)."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)


def judge(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a decoded file by the system's ffmpeg."""
    command = ["ffmpeg", "-nostats", "-i", str(path), "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, check=True, text=True).stderr
    return float(re.findall(r"I:\s+(\S+) LUFS", log)[-1]), float(re.findall(r"Peak:\s+(\S+) dBFS", log)[-1])


def ffprobe(path: Path) -> dict[str, dict[str, str]]:
    """Facts by the system's ffprobe: "format", and one entry a kind of stream."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {"format": found["format"]} | {stream["codec_type"]: stream for stream in found["streams"]}


def level(sound: np.ndarray) -> float:
    """RMS in dBFS of a full-scale sine's scale (a sine of -20 dBFS peak says -20)."""
    return float(10 * np.log10(2 * np.mean(np.square(sound, dtype=float)) + 1e-20))


def film(frames: int, *sounds: Sound, bed: Path | None = None, language: str = "ru") -> Timeline:
    """A film of so many frames with nothing but the given sounds."""
    whole = load_structure()
    structure = replace(whole, parts=(replace(whole.parts[0], frames=frames),))
    return Timeline(structure, language, (), sounds, bed, (), ())


def clip(file: Path, start: int, frames: int, source_start: Fraction | int = 0) -> Sound:
    return Sound(start, frames, "clip", file, Fraction(source_start), "", PLACE)


def narration(file: Path, start: int, frames: int) -> Sound:
    return Sound(start, frames, "narration", file, Fraction(0), "", PLACE)


def draft(text: str, start: int, frames: int) -> Sound:
    return Sound(start, frames, "draft", None, Fraction(0), text, PLACE)
