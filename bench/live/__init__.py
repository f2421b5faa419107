"""`bin/bench live`: the portal beside other collaboration servers, driven by real clients that replay real traces."""
