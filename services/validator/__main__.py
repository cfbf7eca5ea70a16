"""`python -m services.validator`."""

from services.validator.main import main

if __name__ == "__main__":
    main()
