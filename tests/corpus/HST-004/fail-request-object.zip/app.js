fetch(new Request("https://api.example.com/answers", { method: "POST" }));
