var parts = [navigator.hardwareConcurrency, navigator.deviceMemory, navigator.maxTouchPoints, new Date().getTimezoneOffset()];
parts.push([].map.call(navigator.plugins, function (plugin) { return plugin.name; }));
var canvas = document.createElement("canvas");
canvas.getContext("2d").fillText("Cwm fjordbank glyphs", 2, 15);
parts.push(canvas.toDataURL());
var gl = document.createElement("canvas").getContext("webgl");
var info = gl.getExtension("WEBGL_debug_renderer_info");
parts.push(gl.getParameter(info.UNMASKED_RENDERER_WEBGL));
console.log(parts.join());
