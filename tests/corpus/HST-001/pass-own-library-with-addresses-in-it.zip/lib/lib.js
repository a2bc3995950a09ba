/*! Lib v1.2 | (c) example.com | https://example.com/license */
// see https://cdn.example.com/docs.js
var home = "https://example.com/lib";
this.filter = function (a) { return a.js.b; };
console.log(home);
