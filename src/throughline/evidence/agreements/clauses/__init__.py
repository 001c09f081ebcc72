"""The words of agreements: a library of clauses, filled in from the terms that are enforced."""
