/**
 * What the server's contract says of requests and errors, so that the page offers what this server can do and no more.
 */
export class Contract {
  /** @param schema JSON Schema of a request, null when it could not be read */
  constructor(schema, errors) {
    this.properties = schema?.properties ?? {};
    this.errors = errors ?? {};
  }

  static async read(api) {
    const [schema, errors] = await Promise.allSettled([
      api.get('/contract/events/request.schema.json'),
      api.get('/contract/errors'),
    ]);
    return new Contract(schema.value, errors.value);
  }

  has(field) {
    return field in this.properties;
  }

  choices(field) {
    return this.properties[field]?.enum ?? [];
  }

  /** A bound such as `maximum`, undefined where there is none. */
  bound(field, name) {
    return this.properties[field]?.[name];
  }

  advice(code) {
    return this.errors[code]?.advice ?? null;
  }
}
