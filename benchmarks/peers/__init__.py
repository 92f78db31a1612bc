"""What others do at the same work: installed from their ordinary packages, and run beside ours."""
