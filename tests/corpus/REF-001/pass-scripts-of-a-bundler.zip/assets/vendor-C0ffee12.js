export function a(e){document.title=e;const t=document.createElement("a");t.href="/";return t.pathname}
