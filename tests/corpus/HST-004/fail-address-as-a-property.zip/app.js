function Result() {
  this.url = "https://collect.example.com/x";
}
Result.prototype.send = function () {
  return fetch(this.url);
};
new Result().send();
