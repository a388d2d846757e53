"""`python -m portal`: the commands."""

from portal.cli import main

main(prog_name="portal")
