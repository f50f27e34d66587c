/** Where things are in the engines' image (`Dockerfile`), and how their containers listen. */
export const LAYOUT = {
  duckdbLibrary: '/opt/pondpilot/lib/libduckdb.so',
  extensionDirectory: '/opt/pondpilot/extensions',
  /** All that an engine may write to. */
  spill: '/spill',
  port: 8815,
  controlPort: 8816,
  /** Of the user and of its group. */
  user: 1000,
} as const;
