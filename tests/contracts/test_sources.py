"""What every live source in the folder promises: `bridge.sources.live.LiveSource`, its URL and its options."""

from __future__ import annotations

import dataclasses
import importlib
import socket

import pytest

from bridge.errors import BridgeError, ConfigError
from bridge.sources import live

pytestmark = pytest.mark.contract


@pytest.fixture(params=live.names())
def scheme(request):
    return request.param


@pytest.fixture
def url(scheme):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"{scheme}://127.0.0.1:{probe.getsockname()[1]}"


def test_options_have_defaults_and_a_documented_purpose(scheme):
    module = importlib.import_module(f"bridge.sources.live.{scheme}")
    assert module.__doc__ and f"{scheme}://" in module.__doc__
    assert {f.name for f in dataclasses.fields(module.Options())} >= {"host"}


def test_it_listens_and_lets_go_of_its_port(url):
    for _ in range(2):
        source = live.open_source(url, lambda captured: None)
        assert (source.received, source.bad, source.last_error) == (0, 0, "")
        source.close()
        source.close()


def test_a_port_that_is_taken_is_one_sentence(url):
    source = live.open_source(url, lambda captured: None)
    try:
        with pytest.raises(BridgeError) as refused:
            live.open_source(url, lambda captured: None)
        assert str(refused.value).endswith(".")
    finally:
        source.close()


@pytest.mark.parametrize("rest", ["127.0.0.1?wings=2", "127.0.0.1/path", "127.0.0.1:0", "127.0.0.1:x"])
def test_a_wrong_url_is_one_sentence(scheme, rest):
    with pytest.raises(ConfigError) as refused:
        live.open_source(f"{scheme}://{rest}", lambda captured: None)
    assert str(refused.value).endswith(".")
