"""`python -m services.sealer`."""

from services.sealer.main import main

if __name__ == "__main__":
    main()
