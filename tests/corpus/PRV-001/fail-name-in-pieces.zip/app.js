var a = ["ana", "lytics"], b = "goo";
var s = document.createElement("scr" + "ipt");
s.src = "https://www." + b + "gle-" + a.join("") + ".com/" + "ga.js";
document.body.appendChild(s);
