"""Cases: from a reported problem to its closing."""
