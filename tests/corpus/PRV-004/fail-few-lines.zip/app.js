var canvas = document.createElement("canvas");
var parts = [canvas.toDataURL(), navigator.plugins.length, navigator.hardwareConcurrency];
parts.push(navigator.deviceMemory, new Date().getTimezoneOffset());
console.log(parts.join());
