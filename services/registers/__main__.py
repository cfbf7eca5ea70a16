"""`python -m services.registers`."""

from services.registers.main import main

if __name__ == "__main__":
    main()
