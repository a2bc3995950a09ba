addEventListener("pagehide", function () {
  navigator.sendBeacon("https://stat.mektep.example/save", "a=1");
});
