"""The texts of options, parsed and checked without torch, before anything is loaded or run."""
