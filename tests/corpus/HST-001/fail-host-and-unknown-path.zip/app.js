function load(path) {
  var s = document.createElement("script");
  s.src = "https://cdn.example.com" + path;
  document.head.append(s);
}
load(name());
