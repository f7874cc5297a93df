"""Contact sheets of an avatar: what its shapes, visemes and emotions look like, and a spoken sentence as a filmstrip."""
