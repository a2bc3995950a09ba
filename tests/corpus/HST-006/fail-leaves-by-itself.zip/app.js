setTimeout(function () {
  location.replace("https://www.example.com/lesson");
}, 5000);
