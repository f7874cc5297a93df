"""Rigs: what a target calls its curves and bones, parsed from text and compiled to arrays. Pure."""
