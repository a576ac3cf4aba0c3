// Plays the scenario against the server that GIVEN tells of, and prints what it found as one line of JSON.

import { readFileSync } from "node:fs";
import * as ts from "typescript";

import { Declared } from "./declared";
import * as scenario from "./scenario";
import { Watch, present } from "./watched";

async function main(): Promise<void> {
  const given = JSON.parse(process.env["GIVEN"] ?? "{}") as scenario.Given;
  const here = process.cwd();
  const config = ts.parseJsonConfigFileContent(JSON.parse(readFileSync(`${here}/tsconfig.json`, "utf8")), ts.sys, here);
  const declared = new Declared(`${here}/scenario.ts`, config.options);
  const watch = new Watch(declared);
  const failed: string[] = [];
  const client = () => watch.over(scenario.clientOf(given));
  const steps: [string, () => Promise<void>][] = [
    ["records", () => scenario.records(client(), given)],
    ["linksAndCompanies", () => scenario.linksAndCompanies(client(), given)],
    ["syncs", () => scenario.syncs(client(), given)],
    ["liveAndThrough", () => scenario.liveAndThrough(client(), given)],
    ["webhooks", () => scenario.webhooks(client())],
    ["writes", () => scenario.writes(client(), given)],
    ["refusals", () => scenario.refusals(given)],
  ];
  for (const [name, step] of steps) {
    // One that fails keeps none of the others from being judged.
    await step().catch((problem: unknown) => failed.push(`${name}: ${told(problem)}`));
  }
  const methods = present(scenario.clientOf(given));
  console.log(JSON.stringify({
    methods, declared: declared.methods, failed, faults: [...watch.faults],
    missed: methods.filter((one) => !watch.called.has(one)) }));
}

function told(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  const body = "body" in problem ? ` ${JSON.stringify(problem.body)}` : "";
  return `${problem.message}${body}\n${(problem.stack ?? "").split("\n").filter((line) => line.includes("scenario")).join("\n")}`;
}

void main();
