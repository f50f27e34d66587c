import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithPython } from './support/python.js';

/** What a pyarrow user has in hand, and the few messages of Flight SQL that he packs by hand. */
const preamble = `
import base64
import pyarrow as pa
import pyarrow.flight as flight

client = flight.connect(location, **tls)
options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + token.encode())], timeout=30)

def info_of(sql):
    return client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)

def query(sql, options=options, client=client):
    info = client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)
    return client.do_get(info.endpoints[0].ticket, options).read_all()

def varint(number):
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])

def field(number, value):
    """A protobuf field: a number as varint, anything else with its length before it."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value

def command(name, *fields):
    url = "type.googleapis.com/arrow.flight.protocol.sql." + name
    return field(1, url) + field(2, b"".join(fields))

def sql_command(name, *fields):
    return flight.FlightDescriptor.for_command(command(name, *fields))

def put(descriptor, table):
    """Sends a table by DoPut and answers the bytes that come back."""
    writer, reader = client.do_put(descriptor, table.schema, options)
    writer.write_table(table)
    writer.done_writing()
    result = reader.read()
    writer.close()
    return result and result.to_pybytes()

def act(kind, body=b""):
    return [result.body.to_pybytes() for result in client.do_action(flight.Action(kind, body), options)]

def fields_of(message):
    """The fields of a protobuf message as (number, value) pairs."""
    found, at = [], 0
    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(message):
        tag = number()
        if tag & 7 == 0:
            found.append((tag >> 3, number()))
        else:
            length = number()
            found.append((tag >> 3, message[at:at + length]))
            at += length
    return found

def unpacked(packed):
    """What an Any holds."""
    return fields_of(dict(fields_of(packed))[2])

def prepare(sql):
    created, = act("CreatePreparedStatement", command("ActionCreatePreparedStatementRequest", field(1, sql)))
    return dict(unpacked(created))

def schema_in(message, number):
    found = message.get(number, b"")
    return pa.ipc.read_schema(pa.py_buffer(found)) if found else None
`;

describeWithPython('Plain pyarrow.flight', () => {
  let product: Product;
  let python: Notebook;
  beforeAll(async () => {
    product = await Product.start();
    python = new Notebook();
    await python.run(preamble, product.access('ada'));
  });
  afterAll(async () => {
    await python?.end();
    await product?.stop();
  });

  describe('SQL as text', () => {
    it('is answered by GetFlightInfo: the schema, one endpoint without a location', async () => {
      const told = await python.run(`
        info = info_of("SELECT 1::INTEGER AS n")
        [info.schema, len(info.endpoints), [str(each) for each in info.endpoints[0].locations], query("SELECT 1::INTEGER AS n")]`);
      expect(told).toEqual([[['n', 'int32']], 1, [], [{ n: 1 }]]);
    });

    it('is answered by GetSchema', async () => {
      const told = await python.run(`
        client.get_schema(flight.FlightDescriptor.for_command("SELECT 1::INTEGER AS n, 'a' AS s"), options).schema`);
      expect(told).toEqual([
        ['n', 'int32'],
        ['s', 'string'],
      ]);
    });

    it('is answered by DoGet, as a ticket', async () => {
      const told = await python.run(`
        client.do_get(flight.Ticket("SELECT 2::INTEGER AS n"), options).read_all()`);
      expect(told).toEqual([{ n: 2 }]);
    });

    it('means the same inside a CommandStatementQuery', async () => {
      const told = await python.run(`
        info = client.get_flight_info(sql_command("CommandStatementQuery", field(1, "SELECT 3::INTEGER AS n")), options)
        client.do_get(info.endpoints[0].ticket, options).read_all()`);
      expect(told).toEqual([{ n: 3 }]);
    });

    it.each([
      ['bytes that are no text', 'b"\\xff\\xfe"'],
      ['nothing', 'b""'],
      ['two statements', '"SELECT 1; SELECT 2"'],
    ])('is refused where it is none: %s', async (_name, cmd) => {
      const cell = python.run(`client.get_flight_info(flight.FlightDescriptor.for_command(${cmd}), options)`);
      await expect(cell).rejects.toMatchObject({ name: 'ArrowInvalid' });
    });

    it('that changes something runs once, at GetFlightInfo, fetched or not', async () => {
      const told = await python.run(`
        query("CREATE OR REPLACE TABLE once (i INTEGER)")
        info = info_of("INSERT INTO once VALUES (1)")
        unfetched = query("SELECT count(*)::INTEGER AS n FROM once")
        for _ in range(2):
            client.do_get(info.endpoints[0].ticket, options).read_all()
        [unfetched, query("SELECT count(*)::INTEGER AS n FROM once")]`);
      expect(told).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    });
  });

  describe('results', () => {
    it('have their schema also where they are empty', async () => {
      const told = await python.run(`
        info = info_of("SELECT drink_id, price FROM shop.drinks WHERE false")
        table = client.do_get(info.endpoints[0].ticket, options).read_all()
        [info.schema, table.schema, table.num_rows]`);
      const schema = [
        ['drink_id', 'int16'],
        ['price', 'decimal128(6, 2)'],
      ];
      expect(told).toEqual([schema, schema, 0]);
    });

    it('can be read twice, and from another connection', async () => {
      const told = await python.run(`
        ticket = info_of("SELECT i FROM range(3) AS r (i)").endpoints[0].ticket
        clients = [client, client, flight.connect(location, **tls)]
        [each.do_get(ticket, options).read_all().column(0).to_pylist() for each in clients]`);
      expect(told).toEqual([
        [0, 1, 2],
        [0, 1, 2],
        [0, 1, 2],
      ]);
    });

    it('belong to their user: the ticket of another one is not found', async () => {
      const cell = python.run(
        `
        ticket = info_of("SELECT 1").endpoints[0].ticket
        theirs = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + other.encode())])
        client.do_get(ticket, theirs).read_all()`,
        { other: product.token('ben') },
      );
      await expect(cell).rejects.toMatchObject({ bases: expect.arrayContaining(['KeyError']) });
    });

    it('come in messages that a client with the usual limit of 4 MB accepts', async () => {
      const told = await python.run(`
        limited = flight.FlightClient(location, **tls, generic_options=[("grpc.max_receive_message_length", 4 * 1024 * 1024)])
        table = query("SELECT repeat('x', 1000) || i AS s, i FROM range(50000) AS r (i)", client=limited)
        [table.num_rows, table.nbytes > 50_000_000]`);
      expect(told).toEqual([50_000, true]);
    });

    it('hold values of 10 and 20 MB, one in each direction', async () => {
      const told = await python.run(`
        value = "y" * 10_000_000
        length = query("SELECT length('" + value + "')::INTEGER AS n")
        [length, len(query("SELECT repeat('y', 20000000) AS s").column(0)[0].as_py())]`);
      expect(told).toEqual([[{ n: 10_000_000 }], 20_000_000]);
    });

    it('that fail in mid-stream give the batches before, then the error', async () => {
      const told = await python.run(`
        info = info_of("SELECT CASE WHEN i = 3000000 THEN error('spilt') ELSE i END AS i FROM range(4000000) AS r (i)")
        seen = 0
        try:
            for chunk in client.do_get(info.endpoints[0].ticket, options):
                seen += chunk.data.num_rows
            failed = None
        except (flight.FlightError, pa.ArrowException) as error:
            failed = [type(error).__name__, "spilt" in str(error)]
        [seen > 0, failed]`);
      expect(told).toEqual([true, ['ArrowInvalid', true]]);
    });
  });

  describe('actions', () => {
    it('are listed with what they do', async () => {
      const told = await python.run(
        '[[each.type, len(each.description) > 0] for each in client.list_actions(options)]',
      );
      const names = [
        'BeginTransaction',
        'CancelFlightInfo',
        'CancelQuery',
        'CloseSession',
        'ClosePreparedStatement',
        'CreatePreparedStatement',
        'EndTransaction',
        'GetSessionOptions',
        'SetSessionOptions',
      ];
      expect(told).toEqual(expect.arrayContaining(names.map((name) => [name, true])));
    });

    it('prepare statements: a schema for rows, none for changes, null for each parameter of no type', async () => {
      const told = await python.run(`
        query("CREATE OR REPLACE TABLE ready (i INTEGER)")
        read, write, free = prepare("SELECT 1::INTEGER AS n"), prepare("INSERT INTO ready VALUES (?)"), prepare("SELECT ?, ?")
        free_parameters = schema_in(free, 3)
        [schema_in(read, 2), schema_in(read, 3), schema_in(write, 2), len(schema_in(write, 3)),
         len(free_parameters), {str(each.type) for each in free_parameters} == {"null"}]`);
      expect(told).toEqual([[['n', 'int32']], null, null, 1, 2, true]);
    });

    it('execute a prepared handle many times, and not after it was closed', async () => {
      const told = await python.run(`
        handle = prepare("SELECT ?::INTEGER + 1 AS n")[1]
        answers = []
        for n in range(3):
            result = put(sql_command("CommandPreparedStatementQuery", field(1, handle)), pa.table({"0": pa.array([n], pa.int32())}))
            handle = dict(fields_of(result)).get(1, handle) if result else handle
            info = client.get_flight_info(sql_command("CommandPreparedStatementQuery", field(1, handle)), options)
            answers += client.do_get(info.endpoints[0].ticket, options).read_all().to_pylist()
        act("ClosePreparedStatement", command("ActionClosePreparedStatementRequest", field(1, handle)))
        try:
            client.get_flight_info(sql_command("CommandPreparedStatementQuery", field(1, handle)), options)
        except KeyError:
            answers.append("not found")
        answers`);
      expect(told).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, 'not found']);
    });

    it('an unknown prepared statement or transaction is not found', async () => {
      const unknown = `sql_command("CommandPreparedStatementQuery", field(1, b"unknown"))`;
      const cell = (descriptor: string) => python.run(`client.get_flight_info(${descriptor}, options)`);
      await expect(cell(unknown)).rejects.toMatchObject({ bases: expect.arrayContaining(['KeyError']) });
      const inTransaction = `sql_command("CommandStatementQuery", field(1, "SELECT 1"), field(2, b"unknown"))`;
      await expect(cell(inTransaction)).rejects.toMatchObject({
        bases: expect.arrayContaining(['KeyError']),
      });
    });

    it('begin and end transactions, each of its own', async () => {
      const told = await python.run(`
        query("CREATE OR REPLACE TABLE acted (i INTEGER)")
        def begin():
            return dict(unpacked(act("BeginTransaction", command("ActionBeginTransactionRequest"))[0]))[1]
        def end(transaction, how):
            act("EndTransaction", command("ActionEndTransactionRequest", field(1, transaction), field(2, how)))
        def insert(n, transaction):
            descriptor = sql_command("CommandStatementUpdate", field(1, f"INSERT INTO acted VALUES ({n})"), field(2, transaction))
            writer, reader = client.do_put(descriptor, pa.schema([]), options)
            writer.done_writing()
            result = reader.read().to_pybytes()
            writer.close()
            return dict(fields_of(result))[1]
        first, second = begin(), begin()
        counts = [insert(1, first), insert(2, second), insert(3, second)]
        end(first, 2)
        end(second, 1)
        [counts, query("SELECT i FROM acted ORDER BY i")]`);
      expect(told).toEqual([
        [1, 1, 1],
        [{ i: 2 }, { i: 3 }],
      ]);
    });

    it('with bodies that hold no such message are invalid, unknown ones are unimplemented', async () => {
      await expect(python.run('act("CreatePreparedStatement", b"nonsense")')).rejects.toMatchObject({
        name: 'ArrowInvalid',
      });
      await expect(python.run('act("MakeCoffee")')).rejects.toMatchObject({
        bases: expect.arrayContaining(['NotImplementedError']),
        message: expect.stringMatching(/MakeCoffee/),
      });
    });

    it('cancel by a FlightInfo, by its new name and its old one', async () => {
      const told = await python.run(`
        import threading, time
        ended = []
        def cancel_by(action):
            info = info_of("SELECT count(*) FROM range(1000000000000) AS r (i) WHERE i % 7 = 8")
            def read():
                try:
                    client.do_get(info.endpoints[0].ticket, options).read_all()
                except flight.FlightCancelledError as error:
                    ended.append(type(error).__name__)
            reader = threading.Thread(target=read)
            reader.start()
            time.sleep(1)
            result = action(info)
            reader.join()
            return result
        new = cancel_by(lambda info: dict(fields_of(act("CancelFlightInfo", field(1, info.serialize()))[0])))
        old = cancel_by(lambda info: dict(unpacked(act("CancelQuery", command("ActionCancelQueryRequest", field(1, info.serialize())))[0])))
        [ended, new[1] in (1, 2), old[1] in (1, 2)]`);
      expect(told).toEqual([['FlightCancelledError', 'FlightCancelledError'], true, true]);
    });
  });

  describe('writes', () => {
    it('a table by CommandStatementIngest, packed by hand', async () => {
      const told = await python.run(`
        table = pa.table({"i": pa.array(range(100_000)), "s": ["x" * 100] * 100_000})
        create_or_replace = field(1, field(1, 1) + field(2, 3))
        result = put(sql_command("CommandStatementIngest", create_or_replace, field(2, "poured"), field(4, "memory")), table)
        [dict(fields_of(result))[1], query("SELECT count(*)::INTEGER AS n, sum(i)::BIGINT AS total FROM poured")]`);
      expect(told).toEqual([100_000, [{ n: 100_000, total: 4_999_950_000 }]]);
    });

    it('one batch of 30 MB', async () => {
      const told = await python.run(`
        table = pa.table({"s": ["z" * 1_000_000] * 30})
        put(sql_command("CommandStatementIngest", field(1, field(1, 1) + field(2, 3)), field(2, "wide")), table)
        query("SELECT sum(length(s))::INTEGER AS n FROM wide")`);
      expect(told).toEqual([{ n: 30_000_000 }]);
    });

    it('nothing by a command that is no write', async () => {
      const cell = python.run('put(sql_command("CommandGetCatalogs"), pa.table({"i": [1]}))');
      await expect(cell).rejects.toMatchObject({
        name: expect.stringMatching(/ArrowInvalid|NotImplemented/),
      });
    });
  });

  describe('who it is', () => {
    it('by authenticate_basic_token: the bearer that comes back opens a session of its own', async () => {
      const told = await python.run(`
        def logged_in():
            return flight.FlightCallOptions(headers=[client.authenticate_basic_token("token", token)])
        mine, other = logged_in(), logged_in()
        query("CREATE TEMP TABLE passing AS SELECT 1::INTEGER AS n", mine)
        try:
            query("FROM passing", other)
            elsewhere = None
        except pa.ArrowInvalid as error:
            elsewhere = "passing" in str(error)
        [query("FROM passing", mine), elsewhere]`);
      expect(told).toEqual([[{ n: 1 }], true]);
    });

    it('by Basic credentials with each call, padded or not', async () => {
      const told = await python.run(`
        encoded = base64.b64encode(b"token:" + token.encode()).decode()
        variants = {encoded, encoded.rstrip("="), base64.b64encode(b"anyone:" + token.encode()).decode().rstrip("=")}
        def basic(credentials):
            return flight.FlightCallOptions(headers=[(b"authorization", b"Basic " + credentials.encode())])
        [query("SELECT 1::INTEGER AS n", basic(each)) == query("SELECT 1::INTEGER AS n") for each in variants].count(False)`);
      expect(told).toBe(0);
    });

    it('a password that is no token is refused in the handshake', async () => {
      const cell = python.run('client.authenticate_basic_token("ada", "secret")');
      await expect(cell).rejects.toMatchObject({ name: 'FlightUnauthenticatedError' });
    });

    it('nobody: without a token nothing is answered', async () => {
      const cell = python.run('client.list_actions()');
      await expect(cell.then(() => python.run('query("SELECT 1", None)'))).rejects.toMatchObject({
        name: 'FlightUnauthenticatedError',
      });
    });

    it('no cookie is needed', async () => {
      const told = await python.run(`
        set_cookies = []
        class Watch(flight.ClientMiddlewareFactory):
            def start_call(self, info):
                class Each(flight.ClientMiddleware):
                    def received_headers(self, headers):
                        set_cookies.extend(headers.get("set-cookie", []))
                return Each()
        watched = flight.FlightClient(location, **tls, middleware=[Watch()])
        session = flight.FlightCallOptions(headers=[watched.authenticate_basic_token("token", token)])
        query("CREATE TEMP TABLE kept AS SELECT 5::INTEGER AS n", session, watched)
        query("FROM kept", session, flight.connect(location, **tls))`);
      expect(told).toEqual([{ n: 5 }]);
    });
  });
});
