"""Where audio, takes and captures enter, one file each."""
