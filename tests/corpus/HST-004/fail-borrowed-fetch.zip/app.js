fetch.call(window, "https://collect.example.com/x");
