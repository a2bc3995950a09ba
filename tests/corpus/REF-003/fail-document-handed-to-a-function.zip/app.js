document.getElementById("plan").onclick = function () {
  showDocument("plan.doc");
};
