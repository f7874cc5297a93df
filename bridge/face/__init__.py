"""The face: from audio by the network, or from phones by articulation. Pure: arrays in, motion out."""
