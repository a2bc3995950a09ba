var answer = prompt("2 + 2 = ?");
document.title = answer;
