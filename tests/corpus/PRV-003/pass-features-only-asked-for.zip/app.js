var camera = !!(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
var text = "getUserMedia() камераны қосады";
console.log(camera, text, "geolocation" in navigator);
