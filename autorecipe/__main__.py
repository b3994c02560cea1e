"""`python -m autorecipe` is the command line."""

from autorecipe.cli import main

if __name__ == "__main__":
    main()
