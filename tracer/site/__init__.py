"""The site: what pages are made from, how they are generated, and how they are built."""
