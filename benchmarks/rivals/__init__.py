"""What others do on the same ground: each of these scripts runs in a virtual environment of its own, without Entrepot,
and prints one line of JSON."""
