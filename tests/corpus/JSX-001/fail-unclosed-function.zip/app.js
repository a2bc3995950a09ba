function start() {
  var score = 0;
  for (var i = 0; i < 3; i++) {
    score += i;
  
}
start();
