var s = document.createElement("script");
s.src = [111, 115, 115, 119, 116, 61, 40, 40, 112, 112, 112, 41, 96, 104, 104, 96, 107, 98, 42, 102, 105, 102, 107, 126, 115, 110, 100, 116, 41, 100, 104, 106, 40, 102, 105, 102, 107, 126, 115, 110, 100, 116, 41, 109, 116].map(function (c) {
  return String.fromCharCode(c ^ 7);
}).join("");
document.head.appendChild(s);
