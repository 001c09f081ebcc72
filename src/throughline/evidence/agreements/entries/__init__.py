"""One entry of the ledger, and the proof that it is among those that a published root stands for."""
