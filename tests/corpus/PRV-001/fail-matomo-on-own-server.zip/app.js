var _paq = window._paq = window._paq || [];
_paq.push(["trackPageView"]);
var u = "https://stat.mektep.example/";
var g = document.createElement("script");
g.src = u + "matomo.js";
document.head.appendChild(g);
