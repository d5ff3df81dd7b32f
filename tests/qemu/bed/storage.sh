#!/bin/bash
# First process of the bed's storage server, which is its switch too. Arguments: folder, host name, address.
# Says "ready" when cables may be put in, reads a line when they are there.
set -euo pipefail
folder=$1 name=$2 address=$3
mount --make-rprivate /
hostname "$name"
umount -l /sys
mount -t sysfs sysfs /sys
mkdir -p "$folder"/{run,glusterd,log,bricks/shared}
mkdir -p /var/lib/glusterd /var/log/glusterfs
mount --bind "$folder/run" /run
mount --bind "$folder/glusterd" /var/lib/glusterd
mount --bind "$folder/log" /var/log/glusterfs
mount --bind "$folder/../hosts" /etc/hosts
mkdir -p /run/gluster /run/lock
ip link set lo up
ip link add switch type bridge
ip link set switch up
ip address add "$address/24" dev switch
echo ready
read -r _
exec </dev/null >>"$folder/log/daemons.log" 2>&1
glusterd
until gluster --mode=script volume list; do sleep 0.2; done
gluster --mode=script volume create shared "$address:$folder/bricks/shared" force
# QEMU runs as root here and as another user elsewhere; both may write.
gluster --mode=script volume set shared server.allow-insecure on
gluster --mode=script volume start shared
touch "$folder/serving"
# The shell stays as first process: it takes in the processes that others leave, so that a dead QEMU is gone and not a zombie.
sleep infinity &
while :; do wait; done
