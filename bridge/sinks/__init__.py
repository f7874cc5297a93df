"""Where motion and sound leave, one file each."""
