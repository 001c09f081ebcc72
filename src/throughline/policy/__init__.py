"""The rules: who may read what, which counts may be published, and when a promise is kept."""
