"""`python -m pathmoments` is the command `pathmoments`."""

from .cli import main

main()
