"""One file a protocol: values to bytes and back. No sockets, no clocks."""
