"""Small packages built as authoring tools and bundlers build theirs."""

# ruff: noqa: E501  # markup and code as machines write them

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

HEAD = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Сабақ</title>'
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

STORYLINE: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<link rel="stylesheet" href="html5/data/css/output.min.css" data-noprefix/>
<script>window.DS = {{}}; window.globals = {{ DATA_PATH_BASE: '', HAS_FRAME: true, parseParams: function (s) {{ return s; }} }};</script>
</head><body style="background: #282828" class="cs-HTML"><div id="preso"></div>
<script src="html5/lib/scripts/app.min.js"></script></body></html>""",
    "html5/data/css/output.min.css": "@font-face{font-family:'A';src:url('../../lib/fonts/a.woff') format('woff')}",
    "html5/lib/fonts/a.woff": b"wOFF" + bytes(40),
    "html5/lib/scripts/app.min.js": """!function(){var e=globals.DATA_PATH_BASE;function t(n){var r=document.createElement("script");
r.src=e+"html5/data/js/"+n+".js";document.body.appendChild(r)}t("data");window.globalProvideData=function(n,r){}}();""",
    "html5/data/js/data.js": """window.globalProvideData('data', '{"assetLib":[{"url":"story_content/1.gif"}],"vars":"%_player.x%"}');""",
    "story_content/1.gif": PIXEL,
    "meta.xml": '<?xml version="1.0"?><meta application="Studio" xmlns="http://example.com/schema"><project id="1"/></meta>',
    "imsmanifest.xml": """<manifest xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp.xsd">
<resources><resource href="index.html"><file href="index.html"/><file href="story_content/1.gif"/></resource></resources></manifest>""",
}
VITE: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<link rel="icon" href="./favicon.svg"><link rel="manifest" href="./manifest.webmanifest">
<script type="module" crossorigin src="./assets/index-BfL2x9Qa.js"></script>
<link rel="stylesheet" crossorigin href="./assets/index-C8d1.css"></head><body><div id="app"></div>
<script nomodule>!function(){{var e=document,t=e.createElement("script");if(!("noModule"in t)&&"onbeforeload"in t){{}}}}();</script></body></html>""",
    "favicon.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><use href="#a"/><g id="a"/></svg>',
    "manifest.webmanifest": '{"name": "Сабақ", "start_url": "./", "icons": [{"src": "favicon.svg"}], "scope": "./"}',
    "assets/index-BfL2x9Qa.js": """const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./Page-D1.js","./Page-E2.css"])))=>i.map(i=>d[i]);
const n=()=>import("./Page-D1.js");n().then(e=>{const i=new Image;i.src=e.a;document.body.append(i)});
const u=new URL("pic-F3.gif",import.meta.url).href,s="http://www.w3.org/1999/xlink";export{n,u,s};
//# sourceMappingURL=index-BfL2x9Qa.js.map
""",
    "assets/Page-D1.js": 'const a="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";export{a};',
    "assets/Page-E2.css": ".a{background:url(./pic-F3.gif)}",
    "assets/index-C8d1.css": "/*! tailwindcss v3 | MIT License | https://tailwindcss.com */.md\\:flex{mask:url(\"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>\")}",
    "assets/pic-F3.gif": PIXEL,
    "sw.js": 'self.addEventListener("fetch", e => e.respondWith(fetch(e.request)));',
}
CONSTRUCT: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<link rel="manifest" href="appmanifest.json"><link rel="apple-touch-icon" sizes="128x128" href="icons/icon-128.png">
<link rel="stylesheet" href="style.css"></head><body><noscript><div id="notSupportedWrap"><h2>This content requires JavaScript</h2></div></noscript>
<script src="scripts/modernjscheck.js"></script><script src="scripts/supportcheck.js"></script>
<script src="scripts/main.js" type="module"></script></body></html>""",
    "appmanifest.json": '{"name": "Ойын", "start_url": "index.html", "icons": [{"src": "icons/icon-128.png", "sizes": "128x128"}]}',
    "style.css": "html{padding:0}",
    "icons/icon-128.png": PIXEL,
    "scripts/modernjscheck.js": "window.C3_ModernJSSupport_OK = true;",
    "scripts/supportcheck.js": '"use strict";(function(){if(location.protocol.substr(0,4)==="file"){document.write("<a href=https://www.construct.net>x</a>".length)}})();',
    "scripts/main.js": 'const data = await (await fetch("data.json")).json(); new Worker("scripts/dispatchworker.js", {name: "D"}); console.log(data);',
    "scripts/dispatchworker.js": "self.onmessage = e => postMessage(e.data);",
    "data.json": '{"project": [1, "images/shared-0-sheet0.png"]}',
}
UNITY: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<link rel="shortcut icon" href="TemplateData/favicon.ico"></head><body><canvas id="unity-canvas" width="960"></canvas>
<script>var buildUrl = "Build"; var loaderUrl = buildUrl + "/Game.loader.js";
var config = {{ dataUrl: buildUrl + "/Game.data.unityweb", frameworkUrl: buildUrl + "/Game.framework.js.unityweb", streamingAssetsUrl: "StreamingAssets" }};
var script = document.createElement("script"); script.src = loaderUrl;
script.onload = () => {{ createUnityInstance(document.querySelector("#unity-canvas"), config); }};
document.body.appendChild(script);</script></body></html>""",
    "Build/Game.loader.js": "function createUnityInstance(c, o) { return Promise.resolve([c, o.dataUrl]); }",
    "Build/Game.data.unityweb": b"\x1f\x8b" + bytes(50),
    "Build/Game.framework.js.unityweb": b"\x1f\x8b" + bytes(50),
    "TemplateData/favicon.ico": b"\0\0\1\0\1\0",
}
H5P: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<script src="js/main.bundle.js"></script></head><body><div id="h5p-container"></div>
<script>new H5PStandalone.H5P(document.getElementById("h5p-container"), {{ h5pJsonPath: "content", frameJs: "js/frame.bundle.js" }});</script></body></html>""",
    "js/main.bundle.js": "var H5PStandalone = { H5P: function () {} };",
    "js/frame.bundle.js": "var H5P = {};",
    "content/h5p.json": '{"title": "Сабақ", "mainLibrary": "H5P.Text", "preloadedDependencies": [{"machineName": "H5P.Text"}], "license": "CC BY", "source": "https://example.kz"}',
    "content/content/content.json": '{"image": {"path": "images/a.gif", "mime": "image/gif"}, "copyright": "http://example.kz"}',
    "content/content/images/a.gif": PIXEL,
    "content/H5P.Text-1.1/library.json": '{"machineName": "H5P.Text", "preloadedJs": [{"path": "text.js"}]}',
    "content/H5P.Text-1.1/text.js": "H5P.Text = function () {};",
}
HOT_POTATOES: Mapping[str, str | bytes] = {
    "index.html": """<?xml version="1.0"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head><meta name="author" content="Created with Hot Potatoes" />
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<link rel="schema.DC" href="http://purl.org/dc/elements/1.1/" /><title>Тест</title>
<style type="text/css">/* <![CDATA[ */ body{ background: #C0C0C0 url( ) } /* ]]> */</style>
<script type="text/javascript">//<![CDATA[
<!--
var i = 0; function Go() { while (i < 10 && i > -1) { i++; } window.location = '#top'; }
//-->
//]]>
</script></head><body onload="Go()"><!-- BeginTopNavButtons --><button onclick="location='2.htm'; return false;">=&gt;</button></body></html>""",
    "2.htm": f"{HEAD}</head><body>2</body></html>",
}
OLD_JQUERY: Mapping[str, str | bytes] = {
    "index.html": f"""{HEAD}<!--[if lt IE 9]><script src="http://html5shiv.example.com/html5.js"></script><![endif]-->
<script type="text/javascript" src="js/jquery.js"></script></head><body>
<img src="img/1.gif?t=12" onerror="this.src='img/1.gif'" alt=""><a href="#" onclick="return go(2);">2</a>
<script>$(function () {{ $("#a").html('<img src="' + path + '">'); $("a").attr("href", "#"); }});</script></body></html>""",
    "js/jquery.js": """/*! lib v1 | (c) example.com | http://example.com/license */
(function(){ var r = /^(?:about|app|file|res):$/, x = document.createElement("a"); x.href = "/a";
x.innerHTML = "  <link/><table></table><a href='/a'>a</a><input type='checkbox'/>"; window.$ = function () { return x; }; })();""",
    "img/1.gif": PIXEL,
}
EXPORTS: Mapping[str, Mapping[str, str | bytes]] = {
    "storyline": STORYLINE,
    "vite": VITE,
    "construct": CONSTRUCT,
    "unity": UNITY,
    "h5p": H5P,
    "hot potatoes": HOT_POTATOES,
    "jquery": OLD_JQUERY,
}


def laid(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """The files as a ZIP in a folder."""
    path = folder / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path
