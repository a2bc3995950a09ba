"""What a check found, and the forms it is told in."""
