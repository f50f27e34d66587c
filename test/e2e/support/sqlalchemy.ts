import { describe } from '@jest/globals';
import { Notebook } from './notebook.js';
import { prepared } from './prepared.js';
import type { Product } from './product.js';

/** For tests that need SQLAlchemy: skipped where there is none. */
export const describeWithSqlAlchemy = prepared.sqlalchemyPython ? describe : describe.skip;

/** A notebook in which `engine` is the product's, `engine_of(**options)` makes others and `rows(result)` fetches all. */
export async function withSqlAlchemy(product: Product): Promise<Notebook> {
  const python = new Notebook(prepared.sqlalchemyPython);
  const { token, tls } = product.access('ada');
  await python.run(preamble, { host: product.host, port: product.grpcPort, token, tls });
  await python.run('engine = engine_of()');
  return python;
}

/** The import of flightsql.sqlalchemy registers the dialect. Its URL has no place for certificates; its client has. */
const preamble = `
import flightsql
import flightsql.sqlalchemy
from sqlalchemy import column, create_engine, inspect, select, text

def engine_of(**options):
    if tls:
        return secured_engine({name.removeprefix("feature-"): value for name, value in options.items()})
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return create_engine(f"datafusion+flightsql://{host}:{port}?insecure=True&token={token}{more}")

def secured_engine(features):
    client = flightsql.FlightSQLClient(host=host, port=port, token=token, features=features, **tls)
    return create_engine(f"datafusion+flightsql://{host}:{port}", creator=lambda: flightsql.connect(client))

def rows(result):
    return [list(row) for row in result]
`;
