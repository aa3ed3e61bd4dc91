"""Shapes in tests: assertions, lock files, and what the pytest plugin traces."""
