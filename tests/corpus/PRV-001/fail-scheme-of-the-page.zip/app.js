new Image().src = location.protocol + "//mc.yandex.ru/watch/1?r=" + Math.random();
