document.getElementById("task").onclick = function () {
  location.href = "https://www.example.com/lesson";
};
