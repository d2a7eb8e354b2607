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
export { createTwindex } from './api/createTwindex.js';
export type { Gate } from './coordinator/migration/runMigration.js';
export type { VerifyFinding } from './coordinator/verify/findings.js';
export type { Plan } from './plan/makePlan.js';
export type { Route } from './protocol/record.js';
export type { Phase } from './protocol/states.js';
export type { PlanResult } from './api/planResult.js';
export type { TwindexEvent, TwindexRun } from './api/eventStream.js';
export type { Twindex, TwindexGateway } from './api/twindex.js';
export type {
  Abortable,
  MigrationOptions,
  PlanAllOptions,
  PlanOptions,
  SteeringOptions,
  TwindexGatewayOptions,
  TwindexOptions,
  VerifyOptions,
} from './api/twindexOptions.js';
export type {
  MigrationEvidence,
  MigrationResult,
  MigrationState,
  MigrationStatus,
  VerifyResult,
  VersionedIndex,
} from './api/twindexResults.js';
