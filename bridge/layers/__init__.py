"""What moves the character, layer by layer, and the mixer that stacks them. Pure: indices and values in, motion out."""
