var file = new Blob(["importScripts('https://cdn.example.com/w.js')"], { type: "text/javascript" });
new Worker(URL.createObjectURL(file));
