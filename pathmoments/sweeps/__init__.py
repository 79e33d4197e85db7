"""Sweeps: many independent pieces of work, on one machine or a cluster, with a ledger that keeps what is finished. Knows no mathematics."""
