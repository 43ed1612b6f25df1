"""The list of networks that are not the Internet, against IANA's registries and Python's own list."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.networks import is_public

# IANA IPv4 and IPv6 Special-Purpose Address Registry, all rows; multicast; and what clouds use.
SPECIAL = """
    0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
    192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
    192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
    255.255.255.255/32 224.0.0.0/4
    ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128
    2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16
    2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8 ::/96
    168.63.129.16/32 192.0.0.192/32 169.254.169.254/32 169.254.170.2/32 100.100.100.200/32 fd00:ec2::254/128
"""

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15
    168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0
    198.17.255.255 198.20.0.0 198.51.99.255 203.0.114.0 223.255.255.255 2606:4700::1111 2001:200:: 2001:4860:4860::8888
    2003:: 2a00:: 3ffe:ffff:: 2620:4f:8001:: ::ffff:8.8.8.8 64:ff9b::808:808
"""


@pytest.mark.parametrize("network", SPECIAL.split())
def test_no_address_of_a_special_network_is_public(network: str) -> None:
    first, last = ip_network(network)[0], ip_network(network)[-1]
    middle = ip_address(int(first) + (int(last) - int(first)) // 3)
    assert [is_public(type(first)(int(each))) for each in (first, middle, last)] == [False] * 3


@pytest.mark.parametrize("address", PUBLIC.split())
def test_their_neighbours_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "168.63.129.16", "192.0.0.192"])
def test_an_address_that_stands_for_another_is_judged_as_that_one(inner: str) -> None:
    number = int(IPv4Address(inner))
    mapped, nat64 = IPv6Address(0xFFFF << 32 | number), IPv6Address(0x64FF9B << 96 | number)
    six_to_four, teredo = IPv6Address(0x2002 << 112 | number << 80), IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF)
    assert [is_public(each) for each in (mapped, nat64, six_to_four, teredo)] == [False] * 4


def test_a_zone_changes_nothing() -> None:
    assert not is_public(ip_address("fe80::1%eth0"))
    assert is_public(ip_address("2606:4700::1111%eth0"))


@given(st.ip_addresses())
def test_what_python_knows_as_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    assert not (is_public(address) and address.is_private)


@given(st.sampled_from(SPECIAL.split()), st.integers(0))
def test_nothing_within_is_public(network: str, place: int) -> None:
    within = ipaddress.ip_network(network)
    assert not is_public(within[place % within.num_addresses])
