const { geolocation: where } = navigator;
where.getCurrentPosition(function (position) {
  console.log(position.coords.latitude);
});
