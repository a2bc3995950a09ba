var host = String.fromCharCode(104, 111, 116, 106, 97, 114, 46, 99, 111, 109);
new Image().src = "https://static." + host + "/c/hotjar.gif";
