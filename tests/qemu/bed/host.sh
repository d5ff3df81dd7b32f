#!/bin/bash
# First process of a host of the bed, inside namespaces of its own (network, mounts, name, processes).
# Arguments: folder, host name, address, storage address, host UUID. Says "ready" when its card may be put in, reads a line when it is there.
set -euo pipefail
folder=$1 name=$2 address=$3 storage=$4 uuid=$5
# Control groups of its own where the system has the first version of them; libvirt then gives machines their shares.
if [ -z "${BED_GROUP-}" ]; then
  BED_GROUP=
  for controller in cpu memory blkio; do
    group=/sys/fs/cgroup/$controller/$(basename "$(dirname "$folder")")-$name
    if { mkdir "$group" && echo $$ > "$group/cgroup.procs"; } 2>/dev/null; then BED_GROUP+=" $controller"; fi
  done
  export BED_GROUP=${BED_GROUP:-none}
  exec unshare --cgroup -- bash "$0" "$@"
fi
mount --make-rprivate /
hostname "$name"
umount -l /sys
mount -t sysfs sysfs /sys
controllers=
if [ "$BED_GROUP" != none ]; then
  mount -t tmpfs tmpfs /sys/fs/cgroup
  for controller in $BED_GROUP; do
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
    controllers+="\"$controller\","
  done
fi
mkdir -p "$folder"/{run,etc,lib,log/qemu,cache,ssh,pki}
cp -an /etc/libvirt/. "$folder/etc/"
rm -rf "$folder"/etc/qemu/*.xml "$folder"/etc/qemu/autostart "$folder"/etc/qemu/networks/* "$folder"/etc/storage "$folder"/etc/secrets
mount --bind "$folder/run" /run
mount --bind "$folder/etc" /etc/libvirt
mount --bind "$folder/lib" /var/lib/libvirt
mount --bind "$folder/log" /var/log/libvirt
mount --bind "$folder/cache" /var/cache/libvirt
mount --bind "$folder/../hosts" /etc/hosts
mkdir -p /root/.ssh
mount --bind "$folder/ssh" /root/.ssh
mkdir -p /run/libvirt /run/lock /run/sshd /var/lib/libvirt/{images,dnsmasq,boot} \
  /var/lib/libvirt/qemu/{snapshot,save,dump,ram,nvram,channel/target,checkpoint}
cat > /etc/libvirt/libvirtd.conf <<C
host_uuid = "$uuid"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
listen_addr = "$address"
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0777"
C
cat > /etc/libvirt/qemu.conf <<C
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = [$controllers]
migration_address = "$address"
migration_host = "$address"
migrate_tls_x509_cert_dir = "$folder/pki"
keepalive_interval = 1
keepalive_count = 5
C
ip link set lo up
echo ready
read -r _
ip address add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$storage" 2>/dev/null || true
exec </dev/null >>"$folder/log/daemons.log" 2>&1
virtlogd -d
virtlockd -d
sh "$(dirname "$0")/libvirtd.sh"
# The shell stays as first process: it takes in the processes that others leave, so that a dead QEMU is gone and not a zombie.
sleep infinity &
while :; do wait; done
