// Two schemas are the same when their canonical forms are.
export { type MappingContext } from './normaliseField.js';
export { normaliseMappings } from './normaliseMappings.js';
export { flattenSettings, type FlatSettings, normaliseSettings } from './normaliseSettings.js';
