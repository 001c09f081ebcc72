"""The door for agencies' programs: files over HTTPS, with a token for each feed."""
