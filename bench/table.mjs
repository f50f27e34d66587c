/** The results of client.py as a table, with ratios, and the idle memory of `{ proxy, engine: [] }` in MB. */
export function table(results, rounds, idle) {
  const speed = (name) => median(results[name].read_mb_per_s);
  const row = (name) => median(results[name].row_ms);
  const ratio = (value, base) => (value / base).toFixed(2);
  const line = (title, name, toPeer, toDirect) =>
    [
      title,
      speed(name).toFixed(0),
      toPeer,
      toDirect,
      row(name).toFixed(2),
      ratio(row(name), row('peer')),
    ].join(' | ');
  return `
lineitem, ${results.engine.rows} rows; medians of ${rounds} rounds, the servers in turn; MB are 10^6 bytes of Arrow data

| | read MB/s | of C++ | of direct | one row p50 ms | of C++ |
| --- | --- | --- | --- | --- | --- |
| ${line('engine, directly', 'engine', ratio(speed('engine'), speed('peer')), '1')} |
| ${line('through the proxy', 'proxy', ratio(speed('proxy'), speed('peer')), ratio(speed('proxy'), speed('engine')))} |
| ${line('pyarrow.flight (C++) on DuckDB', 'peer', '1', ratio(speed('peer'), speed('engine')))} |

Memory when idle: proxy ${idle.proxy} MB, engine ${idle.engine.join(', ')} MB`;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
