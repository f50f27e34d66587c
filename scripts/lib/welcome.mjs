const reachable = (host) => (['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host);

/** An address as it stands in a URL. */
export const authority = (host, port) =>
  host.includes(':') ? `[${reachable(host)}]:${port}` : `${reachable(host)}:${port}`;

/** Not part of what is pasted, since it depends on who signed the certificate. */
const TRUST = `
  TLS         a client must trust who signed the certificate, and connect by a name in it: see docs/clients.md`;

/** Nothing is indented, so that what is pasted works as it is. */
const block = (heading, text) => `── ${heading} ──\n\n${text}\n`;

/** What a person sees once everything runs: where it is, and what to paste. `url` is that of the HTTP port. */
export function welcome({ url, host, grpcPort, token, query, shortQuery, demoTokens }) {
  const tls = url.startsWith('https:');
  const address = authority(host, grpcPort);
  const grpc = `${tls ? 'grpc+tls' : 'grpc'}://${address}`;
  const demo = demoTokens ? `\ncurl -X POST ${url}/auth/demo-token; echo` : '';
  return [
    `
PondPilot Proxy is ready.

  HTTP        ${url}
  Flight SQL  ${grpc}${tls ? TRUST : ''}
  Token       below, for the user "you" and 8 hours; another: npm run --silent token -- NAME
`,
    block('Token', token),
    block('Python, pyarrow (pip install pyarrow)', pyarrowExample(grpc, token, query)),
    block('Python, ADBC (pip install adbc-driver-flightsql pyarrow)', adbcExample(grpc, token, shortQuery)),
    block(
      'JDBC (org.apache.arrow:flight-sql-jdbc-driver; Java needs --add-opens=java.base/java.nio=ALL-UNNAMED)',
      `jdbc:arrow-flight-sql://${address}?useEncryption=${tls}&token=${token}`,
    ),
    block('curl', `curl ${url}/health/detailed; echo${demo}`),
    '── Ctrl-C stops it. ──\n',
  ].join('\n');
}

const pyarrowExample = (grpc, token, query) => `import pyarrow.flight as flight

sql = """
${query}
"""
client = flight.connect("${grpc}")
options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer ${token}")])
info = client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)
for row in client.do_get(info.endpoints[0].ticket, options).read_all().to_pylist():
    print(row)
`;

const adbcExample = (grpc, token, query) => `import adbc_driver_flightsql.dbapi as flight_sql

options = {"adbc.flight.sql.authorization_header": "Bearer ${token}"}
with flight_sql.connect("${grpc}", db_kwargs=options, autocommit=True) as connection:
    with connection.cursor() as cursor:
        cursor.execute("${query}")
        print(cursor.fetch_arrow_table())
`;
