// was: ga("create", "UA-12345-6")
var ga = function (a) { return a + 1; };
var text = "Мәтінде mc.yandex.ru аталған, бірақ ол ашылмайды";
ga(1);
var ym = { init: function () {} };
ym.init("x");
console.log(text.filter);
