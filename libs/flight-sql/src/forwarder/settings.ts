import type { SessionOptions, Settings } from 'node:http2';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes that a peer may send on one stream before it hears of room again. 64 KiB costs a third of the speed. */
export const STREAM_WINDOW = MIB;

/** Calls at once on one connection; a client holds further ones back until one ends. */
export const MAX_STREAMS = 128;

/** Room for every stream's window, so that streams which nobody reads never take the connection from the others. */
export const CONNECTION_WINDOW = MAX_STREAMS * STREAM_WINDOW;

/** Unsent bytes at a sink above which its source pauses. */
export const MAX_UNSENT = MIB;

/**
 * Size of the headers of a call, by the count of HTTP/2. JDBC sends the parameters of its URL as headers. gRPC in Java and
 * Go fails a call with larger ones by itself, and nothing else. From clients that do not look at what is announced (gRPC
 * in C++ and for Node), nghttp2 ends the whole connection at a value of more than 64 KiB, or a block of more than 9 frames,
 * and Node has no option for either: so the limit must be below both.
 */
export const MAX_HEADERS = 64 * KIB;

/** Each header counts 32 bytes at least. */
const MAX_HEADER_COUNT = MAX_HEADERS / 32;

/** 16 KiB frames cost half of the speed; 1 MiB ones a sixth more CPU than these. */
const FRAME_BYTES = 64 * KIB;

const settings: Settings = {
  initialWindowSize: STREAM_WINDOW,
  maxFrameSize: FRAME_BYTES,
  maxConcurrentStreams: MAX_STREAMS,
  maxHeaderListSize: MAX_HEADERS,
  enablePush: false,
};

/** For the sessions with clients and those with engines. */
export const sessionOptions: SessionOptions & { strictSingleValueFields: boolean } = {
  settings,
  maxHeaderListPairs: MAX_HEADER_COUNT,
  maxSendHeaderBlockLength: 2 * MAX_HEADERS,
  // Megabytes. Above it Node refuses new streams, so it must hold full windows; the default of 10 does not.
  maxSessionMemory: 1024,
  // What a client sent twice is passed on twice: the engine is the one to judge it.
  strictSingleValueFields: false,
};

export const CONNECT_TIMEOUT_MS = 5_000;

/** For the death of an engine that can't be reached to be noticed, before its successor is asked for. */
export const ASK_AGAIN_MS = 200;

/** For the main thread to say what a call has waited for that ends before it was decided on. */
export const LAST_WORD_MS = 100;

/** A connection that sends nothing within this time of its start is closed. */
export const PREFACE_TIMEOUT_MS = 10_000;

/** Silence after which the kernel asks a peer whether it is still there; a client that does not read still answers. */
export const KEEPALIVE_MS = 30_000;

/** For a client to take what was sent before its call ended. */
export const DRAIN_TIMEOUT_MS = 300_000;

/** For a peer to end its half of a stream whose other half has ended. */
export const LINGER_MS = 5_000;
