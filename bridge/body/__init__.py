"""Skeletons, rotations and the parameters that bodies are exported in. Pure."""
