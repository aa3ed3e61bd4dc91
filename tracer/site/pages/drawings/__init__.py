"""Drawings that stand beside functions, made when the site is built, colored by its style sheet."""
