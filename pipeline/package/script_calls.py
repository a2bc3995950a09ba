"""Which calls and accesses of a script are told, by the last part of their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pipeline.package.model import Use

TAGS: Mapping[str, Use] = {
    "script": "code",
    "img": "media",
    "audio": "media",
    "video": "media",
    "source": "media",
    "track": "media",
    "embed": "media",
    "object": "media",
    "iframe": "frame",
    "frame": "frame",
}
"""How what an element names in src or data is used."""

_Naming = Callable[[str], str | None]


def _always(shown: str) -> _Naming:
    return lambda _: shown


def _of(*owners: str) -> _Naming:
    """The last two parts of the name, if it is a member of one of the owners."""

    def named(name: str) -> str | None:
        owner, _, last = name.rpartition(".")
        owner = owner.rpartition(".")[2]
        return f"{owner}.{last}" if owner in owners else None

    return named


def _itself(name: str) -> str | None:
    return name if "." not in name else None


CALLS: Mapping[str, _Naming] = {
    "sendBeacon": _always("navigator.sendBeacon"),
    "getUserMedia": _always("getUserMedia"),
    "webkitGetUserMedia": _always("getUserMedia"),
    "mozGetUserMedia": _always("getUserMedia"),
    "msGetUserMedia": _always("getUserMedia"),
    "getDisplayMedia": _always("getDisplayMedia"),
    "enumerateDevices": _always("enumerateDevices"),
    "getCurrentPosition": _always("geolocation"),
    "watchPosition": _always("geolocation"),
    "requestPermission": _of("Notification"),
    "subscribe": _of("pushManager"),
    "readText": _of("clipboard"),
    "read": _of("clipboard"),
    "requestDevice": _of("bluetooth", "usb", "hid"),
    "requestPort": _of("serial"),
    "select": _of("contacts"),
    "toDataURL": _always("toDataURL"),
    "fillText": _always("fillText"),
    "measureText": _always("measureText"),
    "createDynamicsCompressor": _always("createDynamicsCompressor"),
    "createOscillator": _always("createOscillator"),
    "getChannelData": _always("getChannelData"),
    "createDataChannel": _always("createDataChannel"),
    "getSupportedExtensions": _always("getSupportedExtensions"),
    "getTimezoneOffset": _always("getTimezoneOffset"),
    "eval": _itself,
    "prompt": _itself,
}
"""Last part of a callee's name -> how the call is told, given the whole name; None: it is another function."""

BARE_CALLS = {"eval", "prompt", "fetch", "importScripts", "setTimeout", "setInterval", "open", "Function", "axios"}
"""Functions that a script may well define for itself under the same name."""

WORDS = {
    *BARE_CALLS, "createElement", "createElementNS", "setAttribute", "setAttributeNS", "write", "writeln",
    "insertAdjacentHTML", "append", "prepend", "html", "after", "before", "execScript", "constructor", "get", "post",
    "getJSON", "ajax", "put", "patch", "load", "getScript", "request", "assign", "replace", "import", "register",
    "addModule", "createContextualFragment", "setHTMLUnsafe",
}  # fmt: skip
"""Last parts of the names of functions that load, connect, write markup or run text."""

NEWS: Mapping[str, tuple[Use | None, str, str | None]] = {
    "WebSocket": ("connects", "WebSocket", None),
    "EventSource": ("connects", "EventSource", None),
    "Worker": ("code", "Worker", None),
    "SharedWorker": ("code", "SharedWorker", None),
    "Image": (None, "", None),
    "Audio": ("media", "Audio", None),
    "URL": (None, "new URL()", None),
    "Function": (None, "", None),
    "RTCPeerConnection": (None, "", "RTCPeerConnection"),
    "webkitRTCPeerConnection": (None, "", "RTCPeerConnection"),
    "mozRTCPeerConnection": (None, "", "RTCPeerConnection"),
    "Blob": (None, "", None),
    "OfflineAudioContext": (None, "", "OfflineAudioContext"),
    "webkitOfflineAudioContext": (None, "", "OfflineAudioContext"),
    "SpeechRecognition": (None, "", "SpeechRecognition"),
    "webkitSpeechRecognition": (None, "", "SpeechRecognition"),
    "MediaRecorder": (None, "", "MediaRecorder"),
    "Anonymous": (None, "", None),
    "User": (None, "", None),
    "Token": (None, "", None),
}
"""Last part of a constructor's name -> use of its first argument, construct, how the call itself is told."""

OWNED_NEWS = {"Anonymous", "User", "Token"}
"""Constructors that say something only together with their owner's name (CoinHive.Anonymous)."""

ACCESSES = re.compile(
    rb"\b(?:cookie|localStorage|sessionStorage|indexedDB|plugins|mimeTypes|hardwareConcurrency|deviceMemory|"
    rb"maxTouchPoints|oscpu|buildID|cpuClass|getBattery|webdriver|WEBGL_debug_renderer_info)\b"
)
"""Properties and literals whose reading or writing is told."""
