"""`python -m stillmotion`."""

from stillmotion.cli.main import main

if __name__ == "__main__":
    main()
