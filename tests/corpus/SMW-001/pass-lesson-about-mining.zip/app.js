var text = "Майнинг: CryptoNight алгоритмі туралы сабақ";
var client = { user: function (name) { return name; } };
client.user("Айым");
var miner = { start: function () { return "кенші"; } };
console.log(text, miner.start());
