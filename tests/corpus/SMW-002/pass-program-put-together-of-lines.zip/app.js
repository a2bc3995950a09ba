function make(rows) {
  var lines = ["var r = 0;"];
  for (var i = 0; i < rows.length; i++) {
    lines.push("r += " + rows[i] + ";");
  }
  lines.push("return r;");
  return new Function("x", lines.join("\n"));
}
