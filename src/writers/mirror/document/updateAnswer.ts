// Makes the answer to an update that twindex has carried out as a write of the whole document.
import type { DocumentReply } from './documentReply.js';
import { filterSource, type SourceFilter } from './sourceFilter.js';

/** Adds the document as `get`, where the engines put it in the answer to a single update or a bulk. */
export function withDocument(reply: DocumentReply, document: Buffer, filter: SourceFilter): DocumentReply {
  const source = filterSource(document, filter);
  const { raw, seqNo, term } = reply;
  const status = raw.lastIndexOf(',"status":');
  const end = status >= 0 ? status : raw.lastIndexOf('}');
  const get = `,"get":{"_seq_no":${seqNo},"_primary_term":${term},"found":true,"_source":`;
  const pieces = [raw.subarray(0, end), Buffer.from(get), source, Buffer.from('}'), raw.subarray(end)];
  return { ...reply, raw: Buffer.concat(pieces), source };
}
