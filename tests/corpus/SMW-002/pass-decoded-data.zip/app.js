var table = JSON.parse(atob("eyJhIjoxfQ=="));
var font = "\x41\x42\x43";
var colour = 0xff00aa;
webpackJsonp = [function (m) { eval("m.exports = 1;\n//# sourceURL=webpack:///./a.js"); }];
setTimeout("table.a += 1", 10);
