"""Which IP addresses are on the public Internet, by a list of our own: Python's depends on its version.

The networks are those of IANA's registries of special-purpose addresses (IPv4 and IPv6, as of November 2026), those of
multicast, and addresses of cloud providers' metadata that look public. Nobody receives webhooks in any of them.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

SPECIAL_IPV4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a provider's customers
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # Azure's agent
            "169.254.0.0/16",  # link-local; clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle Cloud's metadata
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # automatic multicast tunnels
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # measurements
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved; broadcast
        ),
    )
)

# Addresses of machines begin with 001; the whole rest has special purposes or is not assigned.
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
SPECIAL_IPV6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments; tunnels of Teredo
            "2001:db8::/32",  # documentation
            "2002::/16",  # tunnels of 6to4
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether a machine on the Internet can have this address.

    >>> [is_public(IPv4Address(text)) for text in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "192.0.0.192")]
    [True, False, False, False]
    >>> [is_public(IPv6Address(text)) for text in ("2606:4700::1111", "::1", "::ffff:10.0.0.1", "64:ff9b::808:808")]
    [True, False, False, True]
    """
    address = find_target(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in GLOBAL_UNICAST and not any(address in network for network in SPECIAL_IPV6)


def find_target(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address to which a connection goes: an IPv6 address may stand for an IPv4 address.

    >>> find_target(IPv6Address("::ffff:127.0.0.1"))
    IPv4Address('127.0.0.1')
    """
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address
    return address
