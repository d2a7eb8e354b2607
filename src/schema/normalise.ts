// Normalises mappings and settings. Two schemas are equal if their normal forms are.
export { normaliseMappings } from './normaliseMappings.js';
export { flattenSettings, normaliseSettings } from './normaliseSettings.js';
