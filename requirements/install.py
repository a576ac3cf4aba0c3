"""Make `.venv` and install one of the locked sets into it: `python3 install.py runtime` or `dev`.

Plain pip does the work and checks every hash; this only picks the interpreter's complaints apart, prints one line a
package so that a slow network does not look like a hang, and puts the project itself in without a build environment
(which pip would fill from the network unchecked). Needs nothing but the standard library.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SETS = {"runtime": ("runtime", "build"), "dev": ("dev",)}


def main(wanted: str) -> None:
    """Install the set named ``wanted`` and the project; exits with a sentence when it cannot."""
    if sys.version_info < (3, 11):
        sys.exit(f"Entrepot needs Python 3.11 or newer; this is {sys.version.split()[0]}. Type: make PYTHON=python3.11")
    python = environment()
    locks = [ROOT / "requirements" / f"{name}.txt" for name in SETS[wanted]]
    total = len({line.split("==")[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line})
    print(f"Installing up to {total} locked packages into {VENV.name} (each checked by its hash)", flush=True)
    arguments = ["--require-hashes"]
    for lock in locks:
        arguments += ["-r", str(lock)]
    install(python, arguments)
    install(python, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)])


def environment() -> str:
    """The path of the virtual environment's Python, made when missing."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"Making {VENV.name} with Python {sys.version.split()[0]}", flush=True)
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
            sys.exit("No virtual environment could be made. On Debian and Ubuntu type: apt install python3-venv")
    return str(python)


def install(python: str, arguments: list[str]) -> None:
    """Run pip and show what it fetches; what it said in full is printed when it fails."""
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if line.startswith("Collecting "):
                print("  " + line.split()[1], flush=True)
            elif line.startswith("Installing collected"):
                print("  putting them in place", flush=True)
    if pip.returncode:
        sys.exit("".join(said[-40:]) + "\npip could not install the packages; its own words stand above.")


if __name__ == "__main__":
    main(sys.argv[1])
