// The client with an eye on it: every call is noted, every answer compared with what its method declares.

import type { RootFiClient } from "rootfi-api";

import type { Declared, Name } from "./declared";

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The methods that the client object really has below its namespaces, whatever its declarations say. */
export function present(client: RootFiClient): Name[] {
  const found: Name[] = [];
  for (const space of ["core", "ecommerce"] as const) {
    for (const [resource, methods] of resources(client[space])) {
      for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(methods))) {
        if (name !== "constructor" && typeof methods[name] === "function") found.push(`${space}.${resource}.${name}`);
      }
    }
  }
  return found.sort();
}

function resources(space: object): [string, Methods][] {
  const described = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(space)));
  return described.filter(([, one]) => one.get !== undefined)
    .map(([name]) => [name, (space as Record<string, Methods>)[name] as Methods]);
}

/** What was called, and what was wrong with the answers. */
export class Watch {
  readonly called = new Set<Name>();
  readonly faults = new Set<string>();

  constructor(private readonly declared: Declared) {}

  /** The same client, watched. */
  over(client: RootFiClient): RootFiClient {
    for (const space of ["core", "ecommerce"] as const) {
      for (const [resource, methods] of resources(client[space])) {
        for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(methods))) {
          const method = methods[name];
          if (name !== "constructor" && method !== undefined) {
            methods[name] = this.watched(`${space}.${resource}.${name}`, method.bind(methods));
          }
        }
      }
    }
    return client;
  }

  private watched(name: Name, method: Methods[string]): Methods[string] {
    return async (...args) => {
      const answer = await method(...args);
      this.called.add(name);
      for (const one of this.declared.faults(name, answer)) this.faults.add(one.replace(/\[\d+\]/g, "[]"));
      return answer;
    };
  }
}
