var able = "sendBeacon" in navigator;
var usable = typeof navigator.sendBeacon === "function";
console.log(able, usable); // navigator.sendBeacon("/x")
