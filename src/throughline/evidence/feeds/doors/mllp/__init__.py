"""How hospitals' interface engines send messages one by one, each acknowledged when it is safe (MLLP)."""
