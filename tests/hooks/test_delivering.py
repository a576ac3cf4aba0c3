"""From deliveries to a receiver: order, retries, dead letters, and what an endpoint may say."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from entrepot import app
from entrepot.clock import now, now_ms
from entrepot.engine import announce, hook_health, webhooks
from entrepot.store import deliveries
from entrepot.store.webhook_endpoints import WebhookEndpoint
from tests.hooks.house import House, Post, Receiver, fine, receiving, until
from tests.store.shops import customer, family


def ended(house: House, endpoint: WebhookEndpoint) -> bool:
    """Whether nothing of the endpoint waits."""
    made = house.made(endpoint)
    return bool(made) and all(one.state != "PENDING" for one in made)


def failing(which: str, times: int, status: int = 500) -> tuple[Counter[str], object]:
    """An answer that refuses one customer's event so often."""
    tries: Counter[str] = Counter()

    def answer(post: Post) -> web.Response:
        if post.json["data"].get("name") == which:
            tries[post.id] += 1
            if tries[post.id] <= times:
                return web.Response(status=status, text="not now\0")
        return web.Response(status=200)

    return tries, answer


def of_record(receiver: Receiver, uid: str) -> list[str]:
    """The names that came for one record, in order of coming."""
    return [post.json["data"]["name"] for post in receiver.posts if post.json["data"]["platform_unique_id"] == uid]


def test_everything_comes_once_and_each_record_in_order(house: House) -> None:
    async def shortly(_: Post) -> web.Response:
        await asyncio.sleep(0.005)
        return web.Response(status=204)

    async def work() -> None:
        async with receiving(shortly) as receiver:
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            async with house.telling():
                for turn in range(5):
                    await asyncio.to_thread(house.put, target, [family(n, total=f"{turn}.25") for n in range(60)])
                await until(lambda: len(receiver.posts) >= 300 and ended(house, endpoint))
            assert len(receiver.posts) == len(set(receiver.ids())) == 300
            for n in range(60):
                mine = [post.json["sequence"] for post in receiver.posts
                        if post.json["data"]["platform_unique_id"] == f"order_{n}"]
                assert mine == sorted(mine)
                assert len(mine) == 5
            assert 1 < receiver.most <= 16
            assert {one.last_status for one in house.made(endpoint)} == {204}
            assert house.ask("SELECT owner, lease_until FROM webhook_endpoints") == [(None, None)]

    house.run(work)


def test_a_later_event_waits_for_the_earlier_and_other_records_do_not(house: House) -> None:
    async def work() -> None:
        tries, answer = failing("one", 2)
        async with receiving(answer) as receiver:  # type: ignore[arg-type]
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            house.put(target, [customer("a", name="one"), customer("b", name="other")])
            async with house.telling():
                await until(lambda: tries)
                # While the first waits for its next try, and while nobody looks.
                house.put(target, [customer("a", name="two"), customer("b", name="another")])
                await until(lambda: len(house.made(endpoint)) == 4 and ended(house, endpoint))
        assert of_record(receiver, "a") == ["one", "one", "one", "two"]
        assert of_record(receiver, "b") == ["other", "another"]
        first = house.made(endpoint)[0]
        with house.engine.store.read(house.scope) as session:
            tried = deliveries.attempts_of(session, first.id)
        assert [(one.number, one.success, one.status, one.error) for one in tried] == [
            (1, False, 500, "answered 500"), (2, False, 500, "answered 500"), (3, True, 200, None)]
        assert tried[0].answer == "not now\N{REPLACEMENT CHARACTER}"
        waits = [later.at - earlier.at for earlier, later in pairwise(tried)]
        assert min(waits) >= 90
        assert house.now(endpoint).failing_since is None

    house.run(work)


def test_a_dead_letter_lets_the_next_go_and_can_be_replayed(house: House) -> None:
    async def work() -> None:
        _, answer = failing("one", 4)
        async with receiving(answer) as receiver:  # type: ignore[arg-type]
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            house.put(target, [customer("a", name="one")])
            assert await announce.go_round(house.engine)
            house.put(target, [customer("a", name="two")])
            async with house.telling():
                await until(lambda: len(house.made(endpoint)) == 2 and ended(house, endpoint))
                assert of_record(receiver, "a") == ["one"] * 4 + ["two"]
                letter, second = house.made(endpoint)
                assert (letter.state, letter.attempts, second.state) == ("FAILED", 4, "DELIVERED")
                with house.engine.store.write(house.scope) as session:
                    assert deliveries.replay(session, letter.delivery_id, not_before=0)
                    assert not deliveries.replay(session, letter.delivery_id, not_before=now_ms() + 1)
                await until(lambda: ended(house, endpoint))
        assert receiver.posts[-1].id == receiver.posts[0].id
        assert receiver.posts[-1].body == receiver.posts[0].body
        letter = house.made(endpoint)[0]
        assert (letter.state, letter.attempts, letter.attempts_ever) == ("DELIVERED", 1, 5)

    house.run(work)


def test_what_waits_behind_a_failure_does_not_keep_the_process_busy(house: House) -> None:
    """A record's next events get the first one's time, and their own when it has ended."""
    tries, answer = failing("one", 1, status=503)

    def slowly(post: Post) -> web.Response:
        found: web.Response = answer(post)  # type: ignore[operator]
        found.headers["retry-after"] = "2"
        return found

    async def work() -> None:
        async with receiving(slowly) as receiver:
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            house.put(target, [customer("a", name="one")])
            async with house.telling():
                await until(lambda: tries)
                house.put(target, [customer("a", name="two")])
                await until(lambda: len(house.made(endpoint)) == 2)
                fences = house.ask("SELECT fence FROM webhook_endpoints")[0][0]
                await asyncio.sleep(1.0)
                assert house.ask("SELECT fence FROM webhook_endpoints")[0][0] <= fences + 1
                await until(lambda: ended(house, endpoint))
            first, again, second = receiver.posts
            assert again.at - first.at >= 1.9, "Retry-After is longer than the schedule"
            assert second.at - again.at < 1.0

    house.run(work)


def test_retry_after_may_be_a_date(house: House) -> None:
    def answer(_: Post) -> web.Response:
        later = now() + timedelta(days=3)
        return web.Response(status=429, headers={"retry-after": later.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    async def work() -> None:
        async with receiving(answer) as receiver:
            endpoint = house.endpoint(receiver.url)
            house.put(house.company(), [customer("a")])
            async with house.telling():
                await until(lambda: receiver.posts)
            await asyncio.sleep(0.1)
            waits = house.made(endpoint)[0].next_at - now_ms()
            assert 86_000_000 < waits <= 86_400_000, "a day at most"

    house.run(work)


def test_410_disables_and_what_waits_stays(house: House) -> None:
    async def work() -> None:
        async with receiving(lambda _: web.Response(status=410)) as receiver:
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            house.put(target, [customer(f"c{n}") for n in range(40)])
            async with house.telling():
                await until(lambda: house.now(endpoint).state == "DISABLED")
                came = len(receiver.posts)
                await asyncio.sleep(0.6)
                assert len(receiver.posts) == came <= 32
            assert "410" in (house.now(endpoint).state_reason or "")
            assert [one.state for one in house.made(endpoint)] == ["PENDING"] * 40
            receiver.answer = fine
            with house.engine.store.write(house.scope) as session:
                webhooks.set_state(session, endpoint.public_id, "ENABLED")
            async with house.telling():
                await until(lambda: ended(house, endpoint))
            assert len({post.json["data"]["platform_unique_id"] for post in receiver.posts}) == 40

    house.run(work)


def test_an_endpoint_that_takes_nothing_for_days_is_paused_and_told_of(
    house: House, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hook_health, "SEVERAL", 3)

    async def work() -> None:
        async with receiving(lambda _: web.Response(status=500)) as receiver:
            endpoint = house.endpoint(receiver.url, name="Books")
            watcher = house.endpoint("https://watcher.example.com", types=["WEBHOOK_TURNED_OFF"])
            target = house.company()
            house.put(target, [customer("a")])
            async with house.telling():
                await until(lambda: house.now(endpoint).failing_since)
                assert house.now(endpoint).state == "ENABLED"
                house.set("UPDATE webhook_endpoints SET failing_since = ? WHERE id = ?", now_ms() - 73 * 3_600_000,
                          endpoint.id)
                house.put(target, [customer("b"), customer("c"), customer("d")])
                await until(lambda: house.now(endpoint).state == "PAUSED")
            assert "answered 500" in (house.now(endpoint).state_reason or "")
            noted = house.ask("SELECT activity_type, detail FROM activity WHERE company_id IS NULL")
            assert len(noted) == 1
            assert noted[0][0] == "WEBHOOK_PAUSED"
            assert noted[0][1].startswith("Books: ")
            assert [one.type for one in house.made(endpoint)] == ["DATA_MODEL_CHANGES"] * 4, "it is not told of itself"
            told = [(one.type, one.company_id) for one in house.made(watcher)]
            assert told == [("WEBHOOK_TURNED_OFF", None)]

    house.run(work)


def test_a_slow_endpoint_delays_nobody(house: House) -> None:
    async def slow(_: Post) -> web.Response:
        await asyncio.sleep(1.9)
        return web.Response(status=200)

    async def work() -> None:
        async with receiving(slow) as tortoise, receiving() as hare:
            late, quick = house.endpoint(tortoise.url), house.endpoint(hare.url)
            target = house.company()
            async with house.telling():
                house.put(target, [customer(f"c{n}") for n in range(200)])
                await until(lambda: ended(house, quick), 10)
                assert len(tortoise.posts) <= 48
                assert not ended(house, late)

    house.run(work)


def test_a_rate_is_kept(house: House) -> None:
    async def work() -> None:
        async with receiving() as receiver:
            endpoint = house.endpoint(receiver.url, per_second=20)
            house.put(house.company(), [customer(f"c{n}") for n in range(40)])
            async with house.telling():
                await until(lambda: ended(house, endpoint))
            took = receiver.posts[-1].at - receiver.posts[0].at
            assert 1.7 <= took <= 3.5

    house.run(work)


def test_redirects_are_not_followed_and_large_answers_are_cut(house: House) -> None:
    def answer(post: Post) -> web.Response:
        name = post.json["data"]["name"]
        if name == "elsewhere":
            return web.Response(status=302, headers={"location": "http://127.0.0.1:1/"})
        return web.Response(status=200, text="x" * 300_000)

    async def work() -> None:
        async with receiving(answer) as receiver:
            endpoint = house.endpoint(receiver.url)
            house.put(house.company(), [customer("a", name="elsewhere"), customer("b", name="long")])
            async with house.telling():
                await until(lambda: ended(house, endpoint))
            moved, talked = house.made(endpoint)
            assert (moved.state, moved.last_status) == ("FAILED", 302)
            assert talked.state == "DELIVERED"
            with house.engine.store.read(house.scope) as session:
                assert "redirect" in (deliveries.attempts_of(session, moved.id)[0].error or "")
                assert deliveries.attempts_of(session, talked.id)[0].answer == "x" * 1024

    house.run(work)


def test_two_processes_share_the_endpoints_and_a_lost_lease_is_taken_over(house: House) -> None:
    other = app.build(house.engine.settings)
    twin = House(other, house.scope)

    async def work() -> None:
        async with receiving() as receiver:
            endpoint = house.endpoint(receiver.url)
            target = house.company()
            # Somebody who died with the lease in his hand.
            house.set("UPDATE webhook_endpoints SET owner = 'gone', fence = 7, lease_until = ?", now_ms() + 700)
            async with house.telling(), twin.telling():
                for turn in range(6):
                    await asyncio.to_thread(house.put, target, [customer(f"c{n}", name=f"{turn}") for n in range(30)])
                await until(lambda: len(receiver.posts) >= 180 and ended(house, endpoint))
            assert len(set(receiver.ids())) == len(receiver.posts) == 180
            for n in range(30):
                mine = [post.json["sequence"] for post in receiver.posts
                        if post.json["data"]["platform_unique_id"] == f"c{n}"]
                assert mine == sorted(mine)
                assert len(mine) == 6
        await other.engine.kit.close()

    try:
        house.run(work)
    finally:
        other.close()


def test_who_is_asked_to_stop_gives_the_endpoint_back(house: House) -> None:
    """What is in flight may end for a moment; what takes longer comes again, from whoever is next."""
    async def stuck(post: Post) -> web.Response:
        await asyncio.sleep(1.2 if post.json["data"]["platform_unique_id"] == "short" else 30)
        return web.Response(status=200)

    async def work() -> None:
        async with receiving(stuck) as receiver:
            endpoint = house.endpoint(receiver.url)
            house.put(house.company(), [customer("short"), customer("long")])
            async with house.telling():
                await until(lambda: len(receiver.posts) == 2)
                asked = asyncio.get_running_loop().time()
            assert asyncio.get_running_loop().time() - asked < 6
            assert house.ask("SELECT owner, lease_until FROM webhook_endpoints") == [(None, None)]
            states = {post.json["data"]["platform_unique_id"]: one.state for one, post in zip(
                house.made(endpoint), sorted(receiver.posts, key=lambda post: int(post.json["sequence"])), strict=True)}
            assert states == {"short": "DELIVERED", "long": "PENDING"}

    house.run(work)


def test_a_process_that_lost_its_lease_writes_nothing(house: House) -> None:
    async def work() -> None:
        freed = asyncio.Event()

        async def held(_: Post) -> web.Response:
            await freed.wait()
            return web.Response(status=200)

        async with receiving(held) as receiver:
            endpoint = house.endpoint(receiver.url)
            house.put(house.company(), [customer("a")])
            async with house.telling():
                await until(lambda: receiver.posts)
                house.set("UPDATE webhook_endpoints SET owner = 'other', fence = fence + 1, lease_until = ?",
                          now_ms() + 60_000)
                freed.set()
                await asyncio.sleep(1.0)
            assert [(one.state, one.attempts_ever) for one in house.made(endpoint)] == [("PENDING", 0)]
            assert house.ask("SELECT owner FROM webhook_endpoints") == [("other",)]

    house.run(work)
