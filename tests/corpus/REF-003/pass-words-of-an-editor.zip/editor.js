var rules = [
  { token: "comment.doc", regex: "/\\*" },
  { token: ["lparen.doc", "support.reg"], regex: "\\(", next: "string.block.one" },
];
var types = { sheet: "text/x.url", kind: "menu.app" };
document.getElementById("code").addEventListener("click", function () {
  console.log(rules.length, types, translate("errors.inf"), "keydown.ws");
});
function translate(key) {
  return key;
}
