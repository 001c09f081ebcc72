"""The watch over events: spikes and hotspots."""
