// Checks the media types of a write to an index under migration, and of its answer. Only JSON is accepted.
import { type Headers, type RefuseDecision, refuse } from './decisions.js';
import { errorReply } from './engineError.js';
import type { Params } from './target.js';

const JSON_TYPE = /^application\/(?:json|x-ndjson|\*|vnd\.(?:elasticsearch|opensearch)\+(?:json|x-ndjson))$/;
const OTHER_FORMAT = /^application\/(?:vnd\.(?:elasticsearch|opensearch)\+)?(?:yaml|smile|cbor)$/;

/** Writes in YAML, CBOR or SMILE can't be copied. Any other type gets the engine's own error. */
export function refuseMediaType(
  headers: Headers,
  params: Params,
  carries: 'body' | 'nothing',
): RefuseDecision | undefined {
  const type = mediaTypes(headers['content-type'])[0];
  if (carries === 'body' && !JSON_TYPE.test(type ?? '')) {
    if (type === undefined && isEmpty(headers))
      return refused(400, 'parse_exception', 'request body is required');
    if (type !== undefined && OTHER_FORMAT.test(type)) return onlyJson(`a write in ${type}`);
    const error = `Content-Type header [${headers['content-type'] ?? ''}] is not supported`;
    const body = Buffer.from(JSON.stringify({ error, status: 406 }));
    return { type: 'refuse', reply: { ...errorReply({ status: 406, type: '', reason: '' }), body } };
  }
  const { format } = params;
  if (format !== undefined && format !== 'json') return onlyJson(`an answer in ${format}`);
  const accepted = mediaTypes(headers['accept']);
  const takesJson =
    accepted.length === 0 || accepted.some((one) => JSON_TYPE.test(one) || !OTHER_FORMAT.test(one));
  return takesJson ? undefined : onlyJson(`an answer in ${accepted[0]}`);
}

/** Refuses a bulk in YAML, CBOR or SMILE. twindex can't parse it, so it might change twindex's indexes. */
export function refuseOtherFormat(headers: Headers): RefuseDecision | undefined {
  const type = mediaTypes(headers['content-type'])[0];
  if (type === undefined || !OTHER_FORMAT.test(type)) return undefined;
  return refused(
    406,
    'media_type_header_exception',
    `twindex cannot read a bulk in ${type}, so it cannot check that the bulk leaves twindex's own indexes alone: use JSON`,
  );
}

/** From `application/JSON; charset=utf-8, text/plain`: `application/json`, `text/plain`. */
function mediaTypes(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => (part.split(';')[0] ?? '').trim().toLowerCase())
    .filter((part) => part !== '');
}

function isEmpty(headers: Headers): boolean {
  const length = headers['content-length'];
  return (length === undefined || length === '0') && headers['transfer-encoding'] === undefined;
}

function onlyJson(what: string): RefuseDecision {
  return refused(
    406,
    'media_type_header_exception',
    `${what} is not possible while its index is being migrated: use JSON`,
  );
}

const refused = (status: number, type: string, reason: string): RefuseDecision =>
  refuse({ status, type, reason });
