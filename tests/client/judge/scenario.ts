// One life of an integration, told with the client's own types: every method of `core` and `ecommerce` is called.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { RootFi, RootFiClient } from "rootfi-api";

/** What the server at hand has; python prepares it. */
export interface Given {
  readonly url: string;
  readonly key: string;
  readonly readOnlyKey: string;
  /** Connected and synced. */
  readonly company: number;
  readonly integration: string;
  /** Lists that this platform has nothing for. */
  readonly lacks: readonly string[];
  /** A GET of the platform's own API, and a field that its answer has. */
  readonly passthrough: { readonly path: string; readonly params: Record<string, unknown>; readonly has: string };
}

const RECORDS = ["balances", "companyInfo", "customers", "fulfillments", "inventories", "orders", "products",
  "transactions"] as const;

/** A client of the server. */
export function clientOf(given: Given, apiKey: string = given.key): RootFiClient {
  return new RootFiClient({ environment: `${given.url}/v3`, apiKey });
}

export async function linksAndCompanies(client: RootFiClient, given: Given): Promise<void> {
  const integration = given.integration as RootFi.IntegrationType;
  const wanted: RootFi.core.UpdateInviteLinkReqBody = {
    company_name: "Judged Ltd", integrations: [integration], integration_categories: ["ECOMMERCE"] };
  const { data: link } = await client.core.inviteLinks.create(wanted);
  const { data: spare } = await client.core.inviteLinks.create({ ...wanted, company_name: "Spare Ltd" });
  const changed = await client.core.inviteLinks.update(link.invite_link_id, { ...wanted, company_name: "Judged Inc" });
  assert.equal(changed.data.company.name, "Judged Inc");
  const again = await client.core.inviteLinks.get(link.invite_link_id);
  assert.deepEqual([again.data.rootfi_id, again.data.company.name], [link.rootfi_id, "Judged Inc"]);
  const links = await client.core.inviteLinks.list({ limit: 100, expand: "connections" });
  const tokens = links.data.map((one) => one.invite_link_id);
  assert.ok(tokens.includes(link.invite_link_id) && tokens.includes(spare.invite_link_id));
  assert.ok(links.data.some((one) => (one.connections ?? []).length > 0), "no link shows a connection");
  assert.equal((await client.core.inviteLinks.delete(spare.invite_link_id)).status, "success");
  await assert.rejects(client.core.inviteLinks.get(spare.invite_link_id), RootFi.RootFiApi404Error);

  const made = link.company.rootfi_id;
  assert.equal((await client.core.companies.delete(made)).status, "success");
  await assert.rejects(client.core.companies.get(made), RootFi.RootFiApi404Error);
  const updated = await client.core.companies.update(given.company, { partner_id: "our-7", name: "Judged & Co" });
  assert.deepEqual(updated.data.map((one) => [one.rootfi_id, one.partner_id, one.name]),
    [[given.company, "our-7", "Judged & Co"]]);

  const { data: own } = await client.core.companies.get(given.company);
  assert.deepEqual([own.partner_id, own.name], ["our-7", "Judged & Co"]);
  assert.deepEqual((own.connections ?? []).map((one) => one.integration_type), [given.integration]);
  assert.ok(own.invite_link !== undefined && (own.activity_log ?? []).length > 0);
  const companies = await client.core.companies.list({ limit: 1, integrations: given.integration,
    categories: "ECOMMERCE", status: "HEALTHY", expand: "invite_link,connections,activity_log" });
  assert.equal(companies.data.length, 1);
  assert.ok((companies.data[0]?.connections ?? []).length > 0);
}

export async function syncs(client: RootFiClient, given: Given): Promise<void> {
  const config = await client.core.syncs.config({ category: "ECOMMERCE" });
  assert.ok(config.sync_config.some((one) => one.data_model === "ECOMMERCE_ORDERS"));
  const { data: asked } = await client.core.syncs.create({
    company_id: given.company, integration_type: given.integration as RootFi.IntegrationType, full_sync: false,
    data_models_to_sync: ["ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS"] });
  const ended = await sync(client, asked.sync_id);
  assert.equal(ended.status, "SUCCESS");
  const jobs = await client.core.syncs.getJobs(asked.sync_id);
  assert.ok(jobs.data.some((one) => one.data_model === "ECOMMERCE_ORDERS" && one.job_type === "PULL"));
  for (const job of jobs.data) {
    const one = await client.core.syncs.getJob(String(job.rootfi_id));
    assert.equal(one.data.sync_id, asked.sync_id);
  }
  const listed = await client.core.syncs.list({ rootfiCompanyId: given.company, limit: 2 });
  assert.equal(listed.data[0]?.sync_id, asked.sync_id);
  assert.ok(listed.next, "a company with several syncs has a second page");
  const older = await client.core.syncs.list({ rootfiCompanyId: given.company, limit: 2, next: listed.next });
  assert.ok((older.data[0]?.rootfi_id ?? Infinity) < (listed.data[1]?.rootfi_id ?? 0));
}

async function sync(client: RootFiClient, ident: string): Promise<RootFi.core.SyncData> {
  for (let turn = 0; turn < 600; turn += 1) {
    const { data } = await client.core.syncs.get(ident);
    if (data.status === "SUCCESS" || data.status === "FAILED") return data;
    await pause(100);
  }
  throw new Error(`${ident} did not end`);
}

export async function liveAndThrough(client: RootFiClient, given: Given): Promise<void> {
  const { path, params, has } = given.passthrough;
  const through = await client.core.passthrough.create({
    company_id: given.company, data: { method: "GET", path, params, headers: {}, data: {} } });
  assert.ok(has in through.data, `the platform's answer lacks ${has}`);
  const live = await client.core.realTime.create({
    company_id: given.company, data_model: "ECOMMERCE_CUSTOMERS", variables: { limit: 2 } });
  assert.ok(Object.keys(live.data).length > 0);
}

export async function webhooks(client: RootFiClient): Promise<void> {
  const wanted: RootFi.core.CreateWebhookData = {
    name: "judged", type: "DATA_MODEL_CHANGES", operations: ["CREATE", "UPDATE", "DELETE"],
    data_models: ["ECOMMERCE_ORDERS", "ECOMMERCE_CUSTOMERS"], url: "https://hooks.example.com/in",
    headers: { "X-Team": "judges" } };
  const made = await client.core.webhooks.create({ webhook: wanted });
  assert.deepEqual([made.name, made.url, made.headers["X-Team"]], [wanted.name, wanted.url, "judges"]);
  const changed = await client.core.webhooks.update(made.id, { ...wanted, name: "renamed", operations: ["UPDATE"] });
  assert.deepEqual([changed.data.id, changed.data.name, changed.data.operations], [made.id, "renamed", ["UPDATE"]]);
  const listed = await client.core.webhooks.list();
  assert.equal(listed.data.find((one) => one.id === made.id)?.name, "renamed");
  assert.equal((await client.core.webhooks.delete(made.id)).status, "success");
  const types: RootFi.core.WebhookType[] = ["CONNECTION_CHANGED", "SYNC_COMPLETED"];
  for (const type of types) {
    const other = await client.core.webhooks.create({ webhook: { ...wanted, type } });
    assert.equal(other.type, type);
    await client.core.webhooks.delete(other.id);
  }
}

export async function records(client: RootFiClient, given: Given): Promise<void> {
  for (const name of RECORDS) {
    const page = await client.ecommerce[name].list({
      limit: 50, rootfiCompanyIdEq: given.company, returnCount: "true", includeDeletedRecords: "true",
      select: "raw_data,data_hash", sortRootfiUpdatedAt: "DESC", rootfiUpdatedAtGte: "2020-01-01T00:00:00.000Z" });
    assert.ok((page.total_count ?? 0) >= page.data.length);
    if (given.lacks.includes(name)) {
      assert.equal(page.data.length, 0);
      continue;
    }
    const [first] = page.data;
    assert.ok(first?.raw_data !== undefined && first.data_hash !== undefined, `${name}: select adds nothing`);
  }
  const orders = await client.ecommerce.orders.list({
    limit: 2, rootfiCompanyIdEq: given.company, expand: "line_items", sortRootfiCreatedAt: "ASC" });
  assert.ok(orders.data.every((one) => (one.line_items ?? []).length > 0));
  assert.ok(orders.next);
  const more = await client.ecommerce.orders.list({
    limit: 2, rootfiCompanyIdEq: given.company, next: orders.next, sortRootfiCreatedAt: "ASC" });
  assert.ok(more.prev);
  const back = await client.ecommerce.orders.list({
    limit: 2, rootfiCompanyIdEq: given.company, prev: more.prev, sortRootfiCreatedAt: "ASC" });
  assert.deepEqual(back.data.map((one) => one.rootfi_id), orders.data.map((one) => one.rootfi_id));
}

export async function writes(client: RootFiClient, given: Given): Promise<void> {
  const address: RootFi.ecommerce.AddressObject = { street: "1 Dock Rd", city: "Berlin", pincode: "10115", country: "DE" };
  const buyer = await client.ecommerce.customers.create({
    company_id: given.company, data: [{ name: "Ada Judge", email: "ada@judge.example", address }] });
  assert.equal(buyer.data[0]?.name, "Ada Judge");
  const product = await client.ecommerce.products.create({
    company_id: given.company, data: [{ name: "Judged mug", description: "Holds tea", status: "ACTIVE" }] });
  assert.equal(product.data?.name, "Judged mug");
  // `data` of this answer is declared, and in that case is not there.
  const later = await fetch(`${given.url}/v3/ecommerce/customers`, {
    method: "POST", headers: { api_key: given.key, "content-type": "application/json" },
    body: JSON.stringify({ company_id: given.company, run_async: true, data: [{ name: "Grace Later" }] }) });
  const { sync_id } = await later.json() as { sync_id: string };
  assert.equal((await sync(client, sync_id)).config_mode, "CREATE");
  const [job] = (await client.core.syncs.getJobs(sync_id)).data;
  assert.equal(job?.job_type, "PUSH");
}

export async function refusals(given: Given): Promise<void> {
  const missing = 2 ** 40;
  const client = clientOf(given);
  await refused(() => clientOf(given, "no-such-key").core.companies.list(), RootFi.RootFiApi401Error, 401);
  await refused(() => clientOf(given, given.readOnlyKey).core.webhooks.delete("x"), RootFi.RootFiApi403Error, 403);
  await refused(() => clientOf(given, given.readOnlyKey).ecommerce.customers.create(
    { company_id: given.company, data: [{ name: "No" }] }), RootFi.RootFiApi403Error, 403);
  await refused(() => client.core.companies.get(missing), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.companies.update(missing, { name: "x" }), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.companies.delete(missing), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.inviteLinks.get("none"), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.syncs.get("none"), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.syncs.getJob("0"), RootFi.RootFiApi404Error, 404);
  await refused(() => client.core.webhooks.delete("none"), RootFi.RootFiApi404Error, 404);
}

type Refusal = new (body: RootFi.RootFiApiResponseType) => Error & { statusCode?: number; body?: unknown };

async function refused(call: () => Promise<unknown>, kind: Refusal, status: number): Promise<void> {
  const problem: unknown = await call().then(() => undefined, (reason: unknown) => reason);
  assert.ok(problem instanceof kind, `${status} was due and this came: ${String(problem)}`);
  assert.equal(problem.statusCode, status);
  const { error } = problem.body as RootFi.RootFiApiResponseType;
  assert.ok(error.code !== "" && error.message !== "" && "field" in error, JSON.stringify(error));
}
