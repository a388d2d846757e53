"""Machine translation: a port, off by default, with adapters for servers that the operator names."""
