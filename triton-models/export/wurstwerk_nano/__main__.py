"""Runs the command line."""

from .cli import main

main()
