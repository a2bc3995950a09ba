var Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;
var ear = new Recognition();
ear.lang = "kk-KZ";
ear.start();
