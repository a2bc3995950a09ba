import { draw } from "https://esm.example.com/draw@2";
draw();
