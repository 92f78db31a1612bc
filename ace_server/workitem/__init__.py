"""The WorkItem Server: the open interface that other systems hand work items in by."""
