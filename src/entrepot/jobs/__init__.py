"""Durable jobs: the worker that holds them and the schedule that makes them. Their SQL lies in ``store/jobs.py``."""
