var nav = navigator;
function leave(url, data) {
  nav["send" + "Bea" + "con"](url, data);
}
leave(location.hash, "1");
