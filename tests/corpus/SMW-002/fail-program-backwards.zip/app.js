eval(")1(trela".split("").reverse().join(""));
