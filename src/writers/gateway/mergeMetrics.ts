// Metrics of several processes of one gateway as one text: each sample gets the label `process`.

/** @param texts the number of each process, and its metrics in Prometheus text format */
export function mergeMetrics(texts: readonly (readonly [process: number, text: string])[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const [process, text] of texts) {
    let family: { readonly head: string[]; readonly samples: string[] } | undefined;
    let isNew = false;
    for (const line of text.split('\n')) {
      if (line.startsWith('# HELP ')) {
        const name = line.split(' ', 3)[2] ?? '';
        isNew = !families.has(name);
        family = families.get(name) ?? { head: [], samples: [] };
        families.set(name, family);
      }
      if (!line.startsWith('#')) {
        if (line !== '') family?.samples.push(labelled(line, process));
      } else if (isNew) family?.head.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]);
  return `${lines.join('\n')}\n`;
}

function labelled(sample: string, process: number): string {
  const label = `process="${process}"`;
  const brace = sample.indexOf('{');
  if (brace >= 0) return `${sample.slice(0, brace + 1)}${label},${sample.slice(brace + 1)}`;
  return sample.replace(' ', `{${label}} `);
}
