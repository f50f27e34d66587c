const reachable = (host) => (['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host);

/** An address as it stands in a URL. */
export const authority = (host, port) =>
  host.includes(':') ? `[${reachable(host)}]:${port}` : `${reachable(host)}:${port}`;

const indented = (text) => text.replace(/^(?=.)/gm, '    ');

/** What a person sees once everything runs: where it is, and what to paste. */
export function welcome({ host, port, grpcPort, token, query, shortQuery }) {
  const http = `http://${authority(host, port)}`;
  const grpc = authority(host, grpcPort);
  return `
PondPilot Proxy is ready.

  HTTP        ${http}
  Flight SQL  grpc://${grpc}
  Token       for the user "you", 8 hours; another: npm run token -- NAME

${indented(token)}

Python, pyarrow (pip install pyarrow):

${indented(pyarrowExample(grpc, token, query))}

Python, ADBC (pip install adbc-driver-flightsql pyarrow):

${indented(adbcExample(grpc, token, shortQuery))}

JDBC (org.apache.arrow:flight-sql-jdbc-driver; Java needs --add-opens=java.base/java.nio=ALL-UNNAMED):

${indented(`jdbc:arrow-flight-sql://${grpc}?useEncryption=false&token=${token}`)}

curl:

${indented(`curl ${http}/health/detailed\ncurl -X POST ${http}/auth/demo-token`)}

Ctrl-C stops it.
`;
}

const pyarrowExample = (grpc, token, query) => `import pyarrow.flight as flight

sql = """
${query}
"""
client = flight.connect("grpc://${grpc}")
options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer ${token}")])
info = client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)
for row in client.do_get(info.endpoints[0].ticket, options).read_all().to_pylist():
    print(row)`;

const adbcExample = (grpc, token, query) => `import adbc_driver_flightsql.dbapi as flight_sql

options = {"adbc.flight.sql.authorization_header": "Bearer ${token}"}
with flight_sql.connect("grpc://${grpc}", db_kwargs=options, autocommit=True) as connection:
    with connection.cursor() as cursor:
        cursor.execute("${query}")
        print(cursor.fetch_arrow_table())`;
