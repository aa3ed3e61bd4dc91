"""What each generated part of a page says, ready for its template: one module a part."""
