"""Signal processing on arrays: pure, streaming, the same for any chunking."""
