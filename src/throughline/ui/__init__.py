"""How it looks: base templates, components, charts and maps."""
