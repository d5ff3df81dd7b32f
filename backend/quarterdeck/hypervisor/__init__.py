"""The only package that knows libvirt. One method, one libvirt act; libvirt's errors leave it as Problems."""
