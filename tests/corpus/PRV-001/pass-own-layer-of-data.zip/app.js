var dataLayer = [];
dataLayer.push({ level: 1 });
var clarity = 5, hj = clarity * 2;
var plausible = true;
console.log(dataLayer, hj, plausible);
