"""Where training data comes from: recorded pairs, aligned speech, synthetic speech, and how they are varied."""
