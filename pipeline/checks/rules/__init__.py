"""One module a topic; each rule is a function under its id in specs/rules."""
