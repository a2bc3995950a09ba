navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
  console.log(stream.id);
});
