(navigator.webkitGetUserMedia || navigator.mozGetUserMedia).call(navigator, { audio: true }, hear, fail);
function hear() {}
function fail() {}
