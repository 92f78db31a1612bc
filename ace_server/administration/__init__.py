"""Setting the system up: the configuration file and what the command line does with it."""
