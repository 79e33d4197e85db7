"""Quantities: each compiles to families of paths and asks a route for their values."""
