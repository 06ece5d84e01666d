"""Where a request comes from, as limits count it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import current_app, request

MOST_HOPS = 10


def network() -> str:
    """An address; of version 6 its /64, which is one household. What stands in front of us is believed, nobody else."""
    proxies = current_app.config["GOVFLOW"].proxy_networks
    hops = [hop for header in request.headers.getlist("X-Forwarded-For") for hop in header.split(",")][-MOST_HOPS:]
    here = _address(request.remote_addr or "")
    while here is not None and hops and any(here in proxy for proxy in proxies):
        said = _address(hops.pop().strip())
        if said is None:
            break
        here = said
    if isinstance(here, IPv6Address):
        return str(ip_network((here, 64), strict=False))
    return str(here)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
