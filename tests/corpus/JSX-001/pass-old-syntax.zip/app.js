var async = 1, of = 2, let_ = 010, text = "one\
two"
with ({ a: 1 }) { async = a }
<!-- hidden from old browsers
do async++; while (async < 3) of = async
/of/g.test(text) && of / 2 / 1
outer: while (true) break outer
var \u0430 = function yield() { return "\7" }
--> the end
