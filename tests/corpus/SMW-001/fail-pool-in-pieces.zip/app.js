var pool = "stratum" + "+" + "tcp://" + ["pool", "example"].join(".") + ":3333";
self.postMessage(pool);
