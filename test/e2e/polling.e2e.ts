import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withAdbc } from './support/adbc.js';
import { FlightClient } from './support/flight.js';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';
import { until } from './support/until.js';

const endless = 'SELECT i FROM range(100000000000) AS r (i)';

let product: Product;
let first: FlightClient;
/** Lets the first user's engine go. */
let release: () => void = () => {};

beforeEach(async () => {
  product = await Product.start({ max_per_host: 1 });
  first = new FlightClient(product.grpcPort, product.token('first'));
});
afterEach(async () => {
  release();
  first.close();
  await product.stop();
});

/** Gives the only place to the first user's engine. */
async function hold(): Promise<void> {
  const stream = first.get(await first.info(endless)).on('error', () => {});
  await new Promise((begun) => stream.once('data', begun));
  stream.pause();
  release = () => stream.cancel();
}

describe('A client that polls while another user has the only engine', () => {
  it('is told its place, keeps it between polls, and has its result at last', async () => {
    await hold();
    const client = new FlightClient(product.grpcPort, product.token('second'));
    const states: { state: string; place?: number }[] = [];
    const ask = async (before?: Awaited<ReturnType<FlightClient['poll']>>) => {
      const answer = await client.poll(before?.flightDescriptor ?? 'SELECT 42 AS answer');
      // What the engine says of a query that runs is no JSON.
      const told = Buffer.from(answer.info!.appMetadata).toString();
      if (told.startsWith('{')) states.push(JSON.parse(told) as (typeof states)[number]);
      return answer;
    };
    let answer = await ask();
    const other = new FlightClient(product.grpcPort, product.token('third'));
    const third = other.query('SELECT 3::INTEGER AS n');
    for (let count = 0; count < 3; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer = await ask(answer);
    }
    expect(states).toEqual(Array.from({ length: 4 }, () => ({ state: 'queued', place: 1 })));
    release();
    while (answer.flightDescriptor) answer = await ask(answer);
    expect(await client.rows(answer.info!)).toEqual([{ answer: 42 }]);
    expect(await third).toEqual([{ n: 3 }]);
    client.close();
    other.close();
    const users = product.log('msg="Container spawned"').map((line) => /user_id=(\S+)/.exec(line)?.[1]);
    expect(users).toEqual(['first', 'second', 'third']);
  });
});

describeWithPython("ADBC's driver, told to be incremental", () => {
  it('waits for its engine, can tell what for, and reads its result', async () => {
    const python = await withAdbc(new Notebook(), product, 'second');
    try {
      // The driver asks an engine already when it connects, and DBAPI's cursors when they prepare.
      await python.run(`
        connection = connect()
        cursor = connection.cursor()
        statement = cursor.adbc_statement
        statement.set_options(**{"adbc.statement.exec.incremental": "true"})
        statement.set_sql_query("SELECT 41 + 1 AS n")
        outcome = []
        def work():
            try:
                partitions, _, _ = statement.execute_partitions()
                with connection.cursor() as reader:
                    reader.adbc_read_partition(partitions[0])
                    outcome.append(reader.fetchall())
            except Exception as error:
                outcome.append(repr(error))
        worker = threading.Thread(target=work)`);
      await hold();
      await python.run('worker.start()');
      const info = () =>
        python.run(`str(statement.get_option_bytes(driver.StatementOptions.LAST_FLIGHT_INFO.value))`);
      await until('the place is told', async () =>
        String(await info()).includes('{"state":"queued","place":1}'),
      );
      release();
      expect(await python.run('worker.join()\noutcome')).toEqual([[[42]]]);
    } finally {
      await python.end();
    }
  });
});
