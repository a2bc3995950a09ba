var p = [59, 54, 63, 40, 46, 114, 62, 53, 57, 47, 55, 63, 52, 46, 116, 46, 51, 46, 54, 63, 115, 97];
var s = "";
for (var i = 0; i < p.length; i++) {
  s += String.fromCharCode(p[i] ^ 90);
}
eval(s);
