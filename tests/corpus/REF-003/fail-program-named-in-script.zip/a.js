var list = [".exe", "image/png"];
start("tools/trainer.exe");
function start(what) { console.log(what, list); }
