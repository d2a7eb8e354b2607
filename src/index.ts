// The public API of the package.
export { exact } from './json/exactJson.js';
export type { Source } from './json/jsonTypes.js';
export { defineConfig, defineIndex, unchecked, type ConfigInput, type IndexInput } from './schema/config.js';
export type { Field, Mappings } from './schema/mappingTypes.js';
export type { Settings } from './schema/settingTypes.js';
export type {
  Migration,
  Reingest,
  ReingestContext,
  ReingestDocument,
  Transform,
  TransformMeta,
} from './schema/types.js';
export type { Auth } from './cluster/nodeAddress.js';
export { type ErrorCode, TwindexError } from './errors.js';
export type { OfficialClient } from './writers/client/officialClient.js';
export { type TwindexClientOptions, withTwindex } from './writers/client/withTwindex.js';
export type { ClusterOptions } from './cluster/clusterOptions.js';
