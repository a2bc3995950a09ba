eval(atob("ZG9jdW1lbnQudGl0bGU9ItCR06nQu9GI0LXQuiI="));
