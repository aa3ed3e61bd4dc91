"""The content of each generated part of a page, ready for its template: one module per part."""
