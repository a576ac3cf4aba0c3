"""The socket that the API answers on, taken first: a port in use is told before anything is started."""

from __future__ import annotations

import errno
import socket

from entrepot.errors import SetupError

BACKLOG = 2048


def listen(host: str, port: int, command: str) -> socket.socket:
    """A listening socket. ``command`` is what the operator typed, for the sentence that says what to type instead."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise SetupError(_why(problem, host, port, command)) from problem
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a caller on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why(problem: OSError, host: str, port: int, command: str) -> str:
    other = f"Type: {command} --port {port + 1 if port < 65535 else 8080}"
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program. {other}"
    if problem.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Type: {command} --port 8080"
    return f"Cannot listen on {host}, port {port}: {problem.strerror or problem}. {other}"
