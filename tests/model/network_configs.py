"""Network configurations that guests with cloud-init understand, of every kind that its documentation names."""

NETWORKS = (
    # version 2
    "version: 2\nethernets:\n  ens3:\n    dhcp4: true\n",
    "network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    ens3: {dhcp4: yes, dhcp6: no, optional: true}\n",
    """\
version: 2
ethernets:
  first:
    match: {macaddress: '52:54:00:00:00:01'}
    set-name: lan0
    wakeonlan: true
    addresses: [192.0.2.9/24, '2001:db8::9/64']
    gateway4: 192.0.2.1
    gateway6: 2001:db8::1
    nameservers: {search: [example.org], addresses: [192.0.2.2, '2001:db8::2']}
    mtu: 9000
""",
    """\
version: 2
ethernets:
  all:
    match: {driver: [virtio_net, "bnx2*"], name: "en*"}
    dhcp4: true
    dhcp4-overrides: {route-metric: 200, use-dns: false, use-domains: route, send-hostname: true, hostname: web}
    dhcp6-overrides: {use-ntp: false}
    dhcp-identifier: mac
""",
    """\
version: 2
ethernets:
  ens3:
    addresses: [203.0.113.7/32, {192.0.2.9/24: {lifetime: 0, label: "ens3:1"}}]
    routes:
    - {to: default, via: 203.0.113.1, on-link: true, metric: 100, table: 101}
    - {to: 198.51.100.0/24, scope: link, type: unicast}
    - {to: "::/0", via: "fe80::1", mtu: 1400}
    routing-policy:
    - {from: 192.0.2.0/24, table: 101, priority: 5}
""",
    """\
version: 2
ethernets:
  ens3:
    accept-ra: false
    link-local: [ipv6]
    ipv6-privacy: true
    ipv6-address-generation: eui64
    ipv6-mtu: 1280
    optional-addresses: [ipv4-ll, dhcp6]
    critical: true
    ignore-carrier: true
    activation-mode: manual
    emit-lldp: true
""",
    "version: 2\nethernets:\n  ens3: {link-local: [], optional: true}\n",
    """\
version: 2
ethernets:
  ens3: {}
  ens4: {}
bonds:
  bond0:
    interfaces: [ens3, ens4]
    parameters:
      mode: 802.3ad
      lacp-rate: fast
      mii-monitor-interval: 100
      transmit-hash-policy: layer3+4
      gratuitious-arp: 1
      primary: ens3
    macaddress: '52:54:00:00:00:05'
    dhcp4: true
""",
    """\
version: 2
ethernets:
  ens3: {dhcp4: false}
bridges:
  br0:
    interfaces: [ens3]
    parameters: {stp: false, forward-delay: 4, priority: 40960, path-cost: {ens3: 75}, port-priority: {ens3: 14}}
    addresses: [192.0.2.9/24]
""",
    """\
version: 2
ethernets:
  ens3: {dhcp4: true}
vlans:
  ens3.15: {id: 15, link: ens3, addresses: [192.0.2.9/24]}
  office: {id: 16, link: ens3, dhcp4: true, mtu: 1496}
""",
    """\
version: 2
renderer: NetworkManager
wifis:
  wlp1s0:
    access-points:
      "At home": {password: "a long secret", mode: infrastructure, band: 5GHz, channel: 36}
      work: {auth: {key-management: eap, method: ttls, identity: anna, password: secret}}
    dhcp4: true
    wakeonwlan: [default]
    regulatory-domain: DE
""",
    """\
version: 2
tunnels:
  he: {mode: sit, remote: 198.51.100.2, local: 203.0.113.7, addresses: ["2001:db8::2/64"], ttl: 64}
  wg0:
    mode: wireguard
    addresses: [10.9.0.2/24]
    key: /etc/wireguard/key
    port: 51820
    peers:
    - {allowed-ips: [0.0.0.0/0], endpoint: "198.51.100.2:51820", keepalive: 23, keys: {public: "M9nt"}}
vrfs:
  office: {table: 1000, interfaces: [ens3], routes: [{to: default, via: 192.0.2.1}]}
""",
    """\
version: 2
ethernets:
  ens3: &common {dhcp4: true, dhcp6: true}
  ens4: *common
  ens5:
    <<: *common
    mtu: 1400
""",
    """\
version: 2
ethernets:
  renderer: networkd
  ens3:
    auth: {key-management: 802.1x, method: peap, identity: anna, password: secret}
    openvswitch: {external-ids: {iface-id: a}}
    receive-checksum-offload: false
    generic-segmentation-offload: false
    virtual-function-count: 4
    novelty: 1
openvswitch: {protocols: [OpenFlow13]}
""",
    '{"version": 2, "ethernets": {"first": {"dhcp4": true}}}',
    # version 1
    """\
version: 1
config:
- type: physical
  name: eth0
  mac_address: '52:54:00:00:00:01'
  mtu: 1500
  subnets:
  - {type: dhcp4}
  - {type: ipv6_dhcpv6-stateful}
  - {type: ipv6_slaac}
""",
    """\
version: 1
config:
- type: physical
  name: eth0
  accept-ra: true
  subnets:
  - type: static
    address: 192.0.2.9
    netmask: 255.255.255.0
    gateway: 192.0.2.1
    dns_nameservers: [192.0.2.2]
    dns_search: [example.org]
    routes: [{network: 198.51.100.0, netmask: 255.255.255.0, gateway: 192.0.2.3}]
  - {type: static6, address: '2001:db8::9/64', control: manual}
- {type: nameserver, address: [192.0.2.2, 192.0.2.3], search: [example.org], interface: eth0}
- {type: route, destination: 203.0.113.0/24, gateway: 192.0.2.4, metric: 3}
""",
    """\
version: 1
config:
- {type: loopback, name: lo, subnets: [{type: loopback}]}
- {type: physical, name: eth0}
- {type: physical, name: eth1}
- type: bond
  name: bond0
  bond_interfaces: [eth0, eth1]
  params: {bond-mode: active-backup, bond_miimon: 100}
  subnets: [{type: dhcp}]
- type: bridge
  name: br0
  bridge_interfaces: [eth0]
  params: {bridge_stp: 'off', bridge_fd: 0, bridge_maxwait: 0}
- {type: vlan, name: eth0.15, vlan_link: eth0, vlan_id: 15, subnets: [{type: manual}]}
- {type: infiniband, name: ib0, 'infiniband-mode': datagram}
""",
    "network:\n  version: 1\n  config: []\n",
    "network: {config: disabled}\n",
    "config: disabled\n",
)
