#!/bin/sh
# Starts libvirtd, and from then on keeps it as systemd does (Restart=on-failure): after a crash it is started anew,
# and /var/log/libvirt/crashes tells of it. Who ends it hard leaves /run/libvirtd.stopped before, and it stays ended.
rm -f /run/libvirtd.stopped
libvirtd -d -l || exit
keep() {
  while
    pid=$(cat /run/libvirtd.pid)
    tail --pid="$pid" -s 0.1 -f /dev/null
    [ "$(cat /run/libvirtd.pid)" = "$pid" ] && [ ! -e /run/libvirtd.stopped ] # one that ends well takes its file along
  do
    { echo crashed && dmesg | grep 'libvirtd.*segfault' | tail -n 1; } >>/var/log/libvirt/crashes
    libvirtd -d -l
  done
}
exec </dev/null >/dev/null 2>&1 # whoever started it waits for the end of its output
keep &
