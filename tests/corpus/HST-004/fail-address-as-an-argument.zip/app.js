function send(address) {
  return fetch(address, { method: "POST" });
}
send("https://collect.example.com/x");
