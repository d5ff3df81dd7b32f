"""New machines: from media, trees, images, or nothing; all or nothing."""
