document.title = "Сабақ";
