function check(answer) {
  if (answer === "3/4" {
    return true;
  }
  return false;
}
