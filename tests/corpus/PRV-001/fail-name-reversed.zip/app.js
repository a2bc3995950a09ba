var u = "sj.gat/akirtem/ur.xednay.cm//:sptth".split("").reverse().join("");
var s = document.createElement("script");
s.src = u;
document.head.appendChild(s);
