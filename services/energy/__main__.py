"""`python -m services.energy`."""

from services.energy.main import main

if __name__ == "__main__":
    main()
