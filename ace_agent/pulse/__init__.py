"""ACE Pulse: queues and agents as they are now, for who watches and steers."""
