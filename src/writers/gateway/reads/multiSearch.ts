// Splits a `_msearch` and its answer into single searches. Pure.

/** @returns the searches' bodies; undefined for a search with a header, which may name an index or routing */
export function searchesIn(ndjson: string): (string | undefined)[] {
  const lines = ndjson.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const found: (string | undefined)[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2)
    found.push(/^\s*(?:\{\s*\})?\s*$/.test(lines[at] ?? '') ? lines[at + 1]?.trim() : undefined);
  return found;
}

interface OneAnswer {
  readonly failed: boolean;
  /** If true, the search was carried out. If false, it failed, or `filter_path` has removed its hits. */
  readonly hasHits: boolean;
  readonly body: Buffer;
}

interface OneResponse {
  readonly status?: number;
  readonly hits?: object;
}

export function answersIn(answer: Buffer): OneAnswer[] {
  const { responses } = JSON.parse(answer.toString()) as { responses?: readonly OneResponse[] };
  return (responses ?? []).map((response) => ({
    failed: (response.status ?? 200) >= 300,
    hasHits: response.hits !== undefined,
    body: Buffer.from(JSON.stringify(response)),
  }));
}
