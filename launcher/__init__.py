"""What `bin/run` does: standard library only, so that it starts before anything is imported or installed."""
