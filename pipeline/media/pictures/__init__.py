"""What a picture file says about itself, told without drawing it: its layout, what it carries, what it hides."""
