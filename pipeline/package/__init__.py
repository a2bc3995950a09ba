"""Reading hostile archives, and the references inside HTML5 packages."""
