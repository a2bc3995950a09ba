let answer: number = 3;
console.log(answer);
