"""What libvirt XML says, as pure typed values."""
