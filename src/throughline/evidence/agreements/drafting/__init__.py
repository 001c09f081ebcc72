"""A draft on its way to signature: edited, reviewed by counsel, sent to the parties."""
