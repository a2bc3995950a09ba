import{a as t}from"./vendor-C0ffee12.js";const n=()=>import("./page-A1b2c3d4.js"),d=["img/none.png","./vendor-C0ffee12.js"];n().then(e=>t(e.title,d));
//# sourceMappingURL=index-B1x9aQzT.js.map
