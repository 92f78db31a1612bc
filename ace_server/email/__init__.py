"""E-mail: fetched, kept, analysed, answered, delivered and sent (EM-1 … EM-12)."""
