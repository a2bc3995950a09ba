function load(name) {
  return fetch("data/" + name + ".json");
}
function show(address) {
  document.getElementById("task").textContent = address;
}
show("https://www.example.com/book");
