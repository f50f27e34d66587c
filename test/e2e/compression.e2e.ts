import { afterEach, describe, expect, it } from '@jest/globals';
import type { FlightData } from '../../libs/flight-sql/src/gen/arrow/flight/protocol/Flight_pb.js';
import { FlightClient } from './support/flight.js';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';

const ROWS = 20_000;
/** Of its texts alone, as plain Arrow. */
const TEXT_BYTES = ROWS * 24;
const SQL = `SELECT 'the same again and again' AS s, 7::BIGINT AS n FROM range(${ROWS})`;

async function bodyBytes(product: Product): Promise<number> {
  const client = new FlightClient(product.grpcPort, product.token('ada'));
  try {
    let bytes = 0;
    for await (const data of client.get(await client.info(SQL)))
      bytes += (data as FlightData).dataBody.length;
    return bytes;
  } finally {
    client.close();
  }
}

describeWithPython('duckdb.result_compression', () => {
  let product: Product | undefined;
  afterEach(() => product?.stop());

  it('is none unless configured', async () => {
    product = await Product.start();
    expect(await bodyBytes(product)).toBeGreaterThan(TEXT_BYTES);
  });

  describe('zstd', () => {
    it('makes results smaller, for clients that say nothing of it and read them all the same', async () => {
      product = await Product.start({}, { resultCompression: 'zstd' });
      expect(await bodyBytes(product)).toBeLessThan(TEXT_BYTES / 5);
      const python = new Notebook();
      try {
        const told = await python.run(
          `
          import pyarrow.flight as flight
          headers = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + token.encode())])
          table = flight.FlightClient(location).do_get(flight.Ticket(sql.encode()), headers).read_all()
          [table.num_rows, table.group_by(["s", "n"]).aggregate([]).to_pylist()]`,
          { location: product.location, token: product.token('ada'), sql: SQL },
        );
        expect(told).toEqual([ROWS, [{ s: 'the same again and again', n: 7 }]]);
      } finally {
        await python.end();
      }
    });
  });
});
