"""The search page: hits, counts and highlights under the viewer's labels."""
