"""The socket that the API answers on, taken first: a port in use is told before anything is started."""

from __future__ import annotations

import errno
import shlex
import socket
import sys

from entrepot.errors import SetupError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; SetupError with what to type instead when there is none to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise SetupError(_why(problem, host, port)) from problem
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a caller on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program. Type: {_typed(port + 1 if port < 65535 else 8080)}"
    if problem.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Type: {_typed(8080)}"
    return f"Cannot listen on {host}, port {port}: {problem.strerror or problem}. Check --host."


def _typed(port: int) -> str:
    """What the operator typed, with another port; `serve` when it was something else that needed one."""
    words = sys.argv[1:]
    if not words or words[0] not in ("demo", "serve"):
        return f"entrepot serve --port {port}"
    kept = [word for place, word in enumerate(words)
            if not word.startswith("--port") and (place == 0 or words[place - 1] != "--port")]
    return shlex.join(["entrepot", *kept, "--port", str(port)])
