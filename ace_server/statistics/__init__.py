"""Watching and counting: ACE Pulse now; reports come beside it."""
