// Normalises mappings and settings. Two schemas are the same if their normal forms are.
export { normaliseMappings } from './normaliseMappings.js';
export { flattenSettings, normaliseSettings } from './normaliseSettings.js';
