// What the engine answers when it refuses, in its own words.

export class EngineError extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, reason: string) {
    super(reason);
    this.status = status;
    this.type = type;
  }

  /** As it stands in the item of a bulk answer. */
  get cause_(): { readonly type: string; readonly reason: string } {
    return { type: this.type, reason: this.message };
  }

  get body(): object {
    const error = this.cause_;
    return { error: { root_cause: [error], ...error }, status: this.status };
  }
}

/** The connection to the client broke: what became of the request it never learns. */
export class ConnectionLost extends Error {}

export const noIndex = (name: string): EngineError =>
  new EngineError(404, 'index_not_found_exception', `no such index [${name}]`);

export const notAnAlias = (name: string): EngineError =>
  new EngineError(
    404,
    'index_not_found_exception',
    `no such index [${name}] and [require_alias] request flag is [true] and [${name}] is not an alias`,
  );

export const noWriteIndex = (alias: string): EngineError =>
  new EngineError(
    400,
    'illegal_argument_exception',
    `no write index is defined for alias [${alias}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
  );

export const blocked = (index: string): EngineError =>
  new EngineError(
    403,
    'cluster_block_exception',
    `index [${index}] blocked by: [FORBIDDEN/8/index write (api)];`,
  );

export const closedIndex = (index: string): EngineError =>
  new EngineError(400, 'index_closed_exception', `closed [${index}]`);

export const conflict = (id: string, why: string): EngineError =>
  new EngineError(409, 'version_conflict_engine_exception', `[${id}]: version conflict, ${why}`);

export const invalid = (reason: string, type = 'illegal_argument_exception'): EngineError =>
  new EngineError(400, type, reason);
