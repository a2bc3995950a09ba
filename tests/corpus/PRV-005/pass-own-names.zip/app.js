var cookie = "печенье", box = { localStorage: 1, cookie: 2 };
function indexedDB() { return box.cookie; }
console.log(cookie, box.localStorage, indexedDB());
