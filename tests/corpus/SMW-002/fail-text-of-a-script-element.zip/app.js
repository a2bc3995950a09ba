var s = document.createElement("script");
s.text = atob("YWxlcnQoMSk=");
document.head.appendChild(s);
