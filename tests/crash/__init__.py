"""Processes killed with SIGKILL at many points, compared with runs that nobody disturbed."""
