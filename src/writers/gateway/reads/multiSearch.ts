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
  readonly body: Buffer;
}

export function answersIn(answer: Buffer): OneAnswer[] {
  const { responses } = JSON.parse(answer.toString()) as { responses?: readonly { status?: number }[] };
  return (responses ?? []).map((response) => ({
    failed: (response.status ?? 200) >= 300,
    body: Buffer.from(JSON.stringify(response)),
  }));
}
