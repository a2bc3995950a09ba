let answer = 3;
let answer = 4;
console.log(answer);
