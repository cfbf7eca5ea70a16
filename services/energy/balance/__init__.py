"""The balance of energy, added up from the ledger alone: metered, certified, carried, redeemed.

It knows the events by their JSON, and nothing of the sector's rules, states or database: whoever distrusts those can
run it against any validator. `python -m services.energy.balance --url … --policy …`.
"""
