"""Exact tables: a grid of networks, and quantities of each, from a spec to a file."""
