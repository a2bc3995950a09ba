var u = "https://mc.yan";
u += "dex.ru/met";
u += "rika/tag.js";
var s = document.createElement("script");
s.src = u;
document.head.appendChild(s);
