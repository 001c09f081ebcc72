"""Template tags: the components, as templates call them."""
