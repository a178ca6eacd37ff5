"""`python -m hmis`."""

from hmis.cli import main

if __name__ == "__main__":
    main()
