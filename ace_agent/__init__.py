"""ACE Agent: the desktop program. It imports of the server exactly `ace_server.wire`."""
