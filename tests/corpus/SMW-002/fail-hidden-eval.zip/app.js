var run = window["ev" + "al"];
var code = unescape("%61%6c%65%72%74%28%31%29");
run(code);
