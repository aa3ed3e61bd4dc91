"""Shapes in tests: assertions, lock files, and the pytest plugin."""
