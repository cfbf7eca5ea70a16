"""The command line `litopys`: what verifies uses pure rooms only, all else loads the shell when it is asked."""
