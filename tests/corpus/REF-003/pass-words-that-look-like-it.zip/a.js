var types = { exe: "application/x-msdownload" }, ends = [".exe", "*.bat", "exe"], site = "example.com";
var text = "Do not run setup.exe here", scope = "menu.file.open";
document.title = [types.exe, ends.length, site, text, scope, document.title.com].join(" ");
