"""How a machine's definition is changed: saved and running together or not at all, as text, and what fits."""
