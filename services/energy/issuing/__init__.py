"""The issuing body at work over HTTP: months are certified and settled, guarantees split, passed on and redeemed.

Every step looks first whether it was done, so the same run may be started again at any time.
"""
