"""How files come in without a page: sent by programs, laid into a folder, or reported on a form."""
