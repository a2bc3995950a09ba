document.querySelector("#app").textContent = "Ойын";
