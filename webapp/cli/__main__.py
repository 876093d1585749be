"""`python -m webapp.cli`: the command `gridwhistle` for child processes, whatever is on the path."""

from webapp.cli import main

main()
