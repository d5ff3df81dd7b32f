"""Images and machines of other products, in and out."""
