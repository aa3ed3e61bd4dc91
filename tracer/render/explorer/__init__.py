"""The explorer: one interactive page about a trace, as a document that a web component shows."""
