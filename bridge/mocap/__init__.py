"""From what performers' programs and cameras tell to the canonical face and pose. Pure."""
