function clarity(key, value) {
  return key + value;
}
clarity("set", "water");
var amplitude = { init: function (wave) {} };
amplitude.init("sinusoid2024");
var chord = "G-SEPTACCORD", model = "G-CLASS2020";
