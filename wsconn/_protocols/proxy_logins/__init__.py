"""How to log in to an HTTP proxy: a file for each scheme, and one table of them. Imported once a proxy has asked."""
