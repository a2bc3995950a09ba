localStorage.setItem("level", "3");
