navigator.geolocation.getCurrentPosition(function () {});
