const pupils = [{ name: "Айым", marks: { last: 5n } }];
class Lesson {
  static #count = 0;
  #topic = "Бөлшек";
  static { Lesson.#count ||= 1_000; }
  get topic() { return this.#topic?.trim() ?? ""; }
  has(other) { return #topic in other; }
}
const letters = /[\p{L}--[a-z]]/v;
label: for (const { name, marks: { last } = {} } of pupils) {
  if (!letters.test(name)) continue label;
  console.log(`${name}: ${last ** 2n}`, new Lesson().topic);
}
async function* wait() { for await (const part of []) yield part; }
