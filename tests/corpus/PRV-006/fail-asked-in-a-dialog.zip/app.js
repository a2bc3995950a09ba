var who = prompt("Введите ваше имя и фамилию");
document.title = who;
