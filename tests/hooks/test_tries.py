"""One try: its schedule, its signatures, its headers."""

from __future__ import annotations

import pytest
import standardwebhooks
import svix.webhooks
from aiohttp import web

from entrepot.engine import webhooks
from entrepot.engine.hook_try import JITTER, next_wait_ms
from entrepot.settings import RETRY_SECONDS
from tests.hooks.house import House, Post, receiving, until
from tests.store.shops import customer

WAITS = tuple(float(one) for one in RETRY_SECONDS.split(","))


def test_the_schedule_has_at_least_ten_tries_over_72_hours() -> None:
    tries, hours = 1, 0.0
    while (wait := next_wait_ms(WAITS, tries - 1, 0)) is not None:
        planned = WAITS[tries - 1] * 1000
        assert planned * (1 - JITTER) <= wait <= planned * (1 + JITTER)
        tries, hours = tries + 1, hours + planned / 3_600_000
    assert tries >= 10
    assert 71 <= hours <= 74


def test_jitter_differs_and_a_longer_wish_is_respected() -> None:
    assert len({next_wait_ms((1000.0,), 0, 0) for _ in range(20)}) > 10
    assert next_wait_ms((5.0,), 0, 60_000) == 60_000
    assert (next_wait_ms((500.0,), 0, 1_000) or 0) > 400_000
    assert next_wait_ms((5.0,), 1, 60_000) is None


def verify(secret: str, post: Post) -> None:
    """Both libraries, as receivers use them."""
    for library in (standardwebhooks.Webhook, svix.webhooks.Webhook):
        library(secret).verify(post.body, post.headers)


def test_both_libraries_verify_also_while_secrets_rotate(house: House) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            endpoint, old = house.endpoint_and_secret(receiver.url, name="Ünïcode")
            target = house.company()
            house.put(target, [customer("a", name="Zoë \N{SNOWMAN}")])
            async with house.telling():
                await until(lambda: receiver.posts)
                with house.engine.store.write(house.scope) as session:
                    _, new = webhooks.rotate(house.engine, session, endpoint.public_id, 24, None)
                house.put(target, [customer("b")])
                await until(lambda: len(receiver.posts) == 2)
                house.set("UPDATE webhook_secrets SET expires_at = 1 WHERE expires_at IS NOT NULL")
                house.put(target, [customer("c")])
                await until(lambda: len(receiver.posts) == 3)
        before, between, after = receiver.posts
        verify(old, before)
        verify(old, between)
        verify(new, between)
        verify(new, after)
        for secret, post in ((new, before), (old, after)):
            for library, problem in ((standardwebhooks.Webhook, standardwebhooks.WebhookVerificationError),
                                     (svix.webhooks.Webhook, svix.webhooks.WebhookVerificationError)):
                with pytest.raises(problem):
                    library(secret).verify(post.body, post.headers)
        assert len(between.headers["webhook-signature"].split(" ")) == 2
        changed = before.body.replace(b"Zo", b"zo")
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(old).verify(changed, before.headers)

    house.run(work)


def test_own_headers_go_along_and_ours_stay_ours(house: House) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            endpoint = house.endpoint(receiver.url, headers={"Authorization": "Basic c2VjcmV0", "X-Own": "1"})
            # Past the door that refuses them.
            sealed = house.engine.vault.seal(
                b'{"Authorization":"Basic c2VjcmV0","X-Own":"1","Webhook-Id":"mine","Content-Type":"text/plain"}',
                table="webhook_endpoints", row=endpoint.id)
            house.set("UPDATE webhook_endpoints SET headers = ?", sealed)
            house.put(house.company(), [customer("a")])
            async with house.telling():
                await until(lambda: receiver.posts)
        headers = receiver.posts[0].headers
        assert (headers["authorization"], headers["x-own"]) == ("Basic c2VjcmV0", "1")
        assert headers["webhook-id"].startswith("evt_")
        assert headers["content-type"] == "application/json"
        assert headers["user-agent"].startswith("Entrepot")

    house.run(work)


def test_silence_is_said_and_counted(house: House) -> None:
    """Nobody there, too slow, a private address that is not allowed, secrets that no key opens."""
    async def never(_: Post) -> web.Response:
        raise ConnectionResetError

    async def work() -> None:
        async with receiving(never) as receiver:
            asked = {"refused": house.endpoint("http://127.0.0.1:9/"), "reset": house.endpoint(receiver.url),
                     "unopened": house.endpoint(receiver.url)}
            house.set("UPDATE webhook_secrets SET sealed = ? WHERE endpoint_id = ?", b"nonsense",
                      asked["unopened"].id)
            house.put(house.company(), [customer("a")])
            async with house.telling():
                await until(lambda: all(one.state == "FAILED" for name in asked for one in house.made(asked[name]))
                            and house.made(asked["reset"]))
        said = dict(house.ask(
            "SELECT d.endpoint_id, a.error FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery "
            "WHERE a.number = 4"))
        assert "refused" in said[asked["refused"].id]
        assert said[asked["reset"].id]
        assert "cannot be opened" in said[asked["unopened"].id]

    house.run(work)
