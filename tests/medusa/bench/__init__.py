"""A real Medusa 2.18.0 on loopback: installed once, made new for each run, filled with a small shop.

    python -m tests.medusa.bench install     npm packages into MEDUSA_HOME (about 90 s and 700 MB, once)
    python -m tests.medusa.bench reset       an empty database, migrations, an admin, the server, the shop
    python -m tests.medusa.bench start|stop  the server alone
    python -m tests.medusa.bench seed        the shop alone, into a server that runs

Settings, all optional: MEDUSA_HOME (~/.cache/medusa-bench), MEDUSA_PORT (19180), MEDUSA_DB (ent_medusa_bench),
MEDUSA_PG (the tests' PostgreSQL server), SEED_ORDERS (120). Whatever fails, fails with the end of its log.
"""
