"""Other people's lip sync, run to be measured beside the network; see `python -m models.peers --help`."""
