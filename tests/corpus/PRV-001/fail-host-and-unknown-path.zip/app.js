const counter = "https://mc.yandex.ru";
function seen(page) {
  fetch(counter + page);
}
seen(location.pathname);
