var site = "https://geogebra.app", cdn = "https://esm.sh", quiz = "https://quiz.one/";
var kinds = { "view.url": "string", "error.resource.url": "string" };
