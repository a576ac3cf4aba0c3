"""The core resources, the same under /v3/core and /v4/core: invite links, companies, connections, syncs."""
