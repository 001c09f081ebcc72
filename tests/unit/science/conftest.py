from hypothesis import settings

# The first call of a compiled function is slow by nature; a deadline would make it a failure at random.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
