var mask = /^[0-9+$/;
var digits = /(\d+/;
