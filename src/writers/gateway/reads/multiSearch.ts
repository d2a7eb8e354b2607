// The searches of a `_msearch`, one by one. Pure.

/** Their bodies, in order; undefined for one whose header names something itself: an index, a routing. */
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
  /** As if the search had been sent alone. */
  readonly body: Buffer;
}

/** None where it is no such answer. */
export function answersIn(answer: Buffer): OneAnswer[] {
  const { responses } = JSON.parse(answer.toString()) as { responses?: readonly { status?: number }[] };
  return (responses ?? []).map((response) => ({
    failed: (response.status ?? 200) >= 300,
    body: Buffer.from(JSON.stringify(response)),
  }));
}
