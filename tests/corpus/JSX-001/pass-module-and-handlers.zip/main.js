import { sum } from "./sum.js";
const data = await Promise.resolve([1, 2]);
console.log(sum(...data), import.meta.url);
