export { configurationJsonSchema } from './json-schema.js';
export { configurationMarkdown } from './markdown.js';
