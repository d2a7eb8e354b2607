// Two schemas are the same when their canonical forms are.
export { normaliseMappings } from './normaliseMappings.js';
export { flattenSettings, normaliseSettings } from './normaliseSettings.js';
