export { Database } from './database.js';
export { aliasInMessage, identifier, literal } from './attach.js';
export type { AttachFile, AttachRequest, AttachServer } from './attach-request.js';
export type { DatabaseOptions } from './database.js';
export type { Session, StatementOptions } from './session.js';
export type { ArrowMessage, Result } from './result.js';
export { DuckDbError } from './threads.js';
export { StatementType, isChange, isQuery } from './statement-type.js';
export { duckdbLibraryPath } from './library-path.js';
