"""Avatar Bridge: speech in, a speaking 3D character out, in every engine, on one clock."""

__version__ = "0.1.0"
