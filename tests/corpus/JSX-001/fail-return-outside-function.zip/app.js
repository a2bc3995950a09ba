var ready = true;
if (ready) {
  return;
}
