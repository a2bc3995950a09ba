var canvas = document.createElement("canvas");
var pen = canvas.getContext("2d");
pen.fillText("1/2", 2, 15);
var picture = canvas.toDataURL("image/png");
var threads = navigator.hardwareConcurrency || 2;
console.log(picture.length, threads, navigator.maxTouchPoints);
