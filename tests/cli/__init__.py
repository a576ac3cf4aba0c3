"""The command line, run as people run it: real processes on free ports in temporary homes."""
