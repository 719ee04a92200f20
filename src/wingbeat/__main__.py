"""Lets `python -m wingbeat` be the same as `wingbeat`."""

from wingbeat.cli import main

if __name__ == "__main__":
    main()
