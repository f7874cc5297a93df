"""Contact sheets of an avatar: its shapes, visemes and emotions, and a spoken sentence as a filmstrip."""
