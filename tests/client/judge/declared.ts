// The client's own declarations, read with the compiler: its methods, what each says that it answers, and whether a
// real answer is that.

import * as ts from "typescript";

/** A resource's method as the client names it: `core.companies.list`. */
export type Name = string;

/** Names that are ours beside the client's: its enums know neither our platforms nor five of our data models. */
const OURS: Readonly<Record<string, RegExp>> = {
  IntegrationType: /^[A-Z][A-Z0-9_]+$/,
  DataModels: /^ECOMMERCE_(BALANCES|COMPANY_INFO|FULFILLMENTS|INVENTORIES|TRANSACTIONS)$/,
};
/** Lists that may be empty: what they hold is a thing of platforms that are no shops. */
const MAY_BE_EMPTY = /\.custom_fields$/;
const NAMESPACES = ["core", "ecommerce"] as const;

/** The declarations of the package that a source file imports. */
export class Declared {
  private readonly checker: ts.TypeChecker;
  private readonly at: ts.SourceFile;
  private readonly answers = new Map<Name, ts.Type>();

  constructor(file: string, options: ts.CompilerOptions) {
    const program = ts.createProgram([file], options);
    this.checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not there`);
    this.at = source;
    for (const space of NAMESPACES) this.read(space);
  }

  /** Every method that is declared below the namespaces. */
  get methods(): Name[] {
    return [...this.answers.keys()].sort();
  }

  /** What is wrong with an answer, a line for each fault; nothing when it is what the method declares. */
  faults(method: Name, answer: unknown): string[] {
    const type = this.answers.get(method);
    if (type === undefined) return [`${method} is not declared`];
    return this.unfit(type, answer, method);
  }

  private read(space: string): void {
    const client = this.exported("RootFiClient");
    const resources = this.checker.getTypeOfSymbol(this.member(client, space));
    for (const resource of this.visible(resources)) {
      const type = this.checker.getTypeOfSymbol(resource);
      for (const method of this.visible(type)) {
        const [signature] = this.checker.getTypeOfSymbol(method).getCallSignatures();
        if (signature === undefined) continue;
        const answer = this.checker.getAwaitedType(signature.getReturnType());
        if (answer === undefined) throw new Error(`${method.name} has no answer`);
        this.answers.set(`${space}.${resource.name}.${method.name}`, answer);
      }
    }
  }

  private exported(name: string): ts.Type {
    const module = this.at.statements.filter(ts.isImportDeclaration)
      .map((one) => this.checker.getSymbolAtLocation(one.moduleSpecifier))
      .find((one) => one !== undefined && one.exports?.has(ts.escapeLeadingUnderscores(name)));
    const found = module && this.checker.getExportsOfModule(module).find((one) => one.name === name);
    if (!found) throw new Error(`the package does not export ${name}`);
    const own = found.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(found) : found;
    return this.checker.getDeclaredTypeOfSymbol(own);
  }

  private member(type: ts.Type, name: string): ts.Symbol {
    const found = type.getProperty(name);
    if (found === undefined) throw new Error(`${this.checker.typeToString(type)} has no ${name}`);
    return found;
  }

  private visible(type: ts.Type): ts.Symbol[] {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    return type.getProperties().filter((one) => (one.declarations ?? []).every(
      (declaration) => !(ts.getCombinedModifierFlags(declaration) & hidden)));
  }

  private unfit(type: ts.Type, value: unknown, at: string): string[] {
    const flags = type.flags;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return value === undefined ? [`${at} is missing`] : [];
    const simple = flags & ts.TypeFlags.StringLike && !type.isUnion() ? "string"
      : flags & ts.TypeFlags.NumberLike && !type.isUnion() ? "number"
      : flags & ts.TypeFlags.BooleanLike ? "boolean" : undefined;
    if (simple !== undefined && !type.isLiteral()) {
      return typeof value === simple ? [] : [`${at} must be a ${simple} and is ${shown(value)}`];
    }
    if (type.isUnion() || type.isLiteral()) return this.noneOf(type, value, at);
    if (this.checker.isArrayType(type)) return this.unfitList(type as ts.TypeReference, value, at);
    return this.unfitObject(type, value, at);
  }

  private noneOf(type: ts.Type, value: unknown, at: string): string[] {
    const members = type.isUnion() ? type.types : [type];
    if (members.some((one) => one.isLiteral() ? one.value === value : this.unfit(one, value, at).length === 0)) return [];
    const name = type.aliasSymbol?.name ?? "";
    if (typeof value === "string" && OURS[name]?.test(value)) return [];
    return [`${at} must be one of ${this.checker.typeToString(type)} and is ${shown(value)}`];
  }

  private unfitList(type: ts.TypeReference, value: unknown, at: string): string[] {
    if (!Array.isArray(value)) return [`${at} must be a list and is ${shown(value)}`];
    if (value.length === 0) return MAY_BE_EMPTY.test(at) ? [] : [`${at} is empty, so nothing of it was checked`];
    const [element] = this.checker.getTypeArguments(type);
    if (element === undefined) throw new Error(`${at} is a list of nothing`);
    return value.flatMap((one, index) => this.unfit(element, one, `${at}[${index}]`));
  }

  private unfitObject(type: ts.Type, value: unknown, at: string): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [`${at} must be an object and is ${shown(value)}`];
    }
    const given = value as Readonly<Record<string, unknown>>;
    const found = type.getProperties().flatMap((one) => {
      const held = given[one.name];
      // null is how "not known" is written; the client's users ask for truth, not for presence.
      if (one.flags & ts.SymbolFlags.Optional && (held === undefined || held === null)) return [];
      if (held === undefined) return [`${at}.${one.name} is missing`];
      const declared = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(one));
      return this.unfit(declared, held, `${at}.${one.name}`);
    });
    const index = type.getStringIndexType();
    if (index === undefined) return found;
    return [...found, ...Object.entries(given).flatMap(([key, held]) => this.unfit(index, held, `${at}.${key}`))];
  }
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 120);
}
