import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;

/**
 * Runs what the tests ask of the Arrow JDBC driver, in one JVM: a line of fields in, a line of JSON out. Fields stand
 * between tabs, percent-encoded, null as "~". An answer is {"answer"} or {"error", "message"}; results are
 * {"columns", "types", "rows"}, values as text.
 */
public class Jdbc {
  private static final Map<String, Connection> connections = new HashMap<>();

  public static void main(String[] arguments) {
    var lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      var fields =
          Arrays.stream(lines.nextLine().split("\t", -1))
              .map(each -> each.equals("~") ? null : URLDecoder.decode(each, StandardCharsets.UTF_8))
              .toArray(String[]::new);
      System.out.println(answer(fields[0], Arrays.copyOfRange(fields, 1, fields.length)));
    }
    System.exit(0);
  }

  private static String answer(String operation, String[] arguments) {
    try {
      return "{\"answer\":" + json(run(operation, arguments)) + "}";
    } catch (Throwable problem) {
      Throwable cause = problem;
      while (cause instanceof java.lang.reflect.InvocationTargetException) cause = cause.getCause();
      return "{\"error\":" + json(cause.getClass().getSimpleName()) + ",\"message\":" + json(messages(cause)) + "}";
    }
  }

  private static String messages(Throwable problem) {
    var all = new ArrayList<String>();
    for (Throwable each = problem; each != null; each = each.getCause()) all.add(String.valueOf(each.getMessage()));
    return String.join(" / ", all);
  }

  private static Object run(String operation, String[] a) throws Exception {
    if (operation.equals("open")) return open(a[0], a[1]);
    Connection connection = connections.get(a[0]);
    return switch (operation) {
      case "close" -> close(connection);
      case "query" -> query(connection, a[1]);
      case "execute" -> execute(connection, a[1]);
      case "update" -> update(connection, a[1]);
      case "preparedQuery" -> preparedQuery(connection, a[1], rest(a));
      case "preparedUpdate" -> preparedUpdate(connection, a[1], rest(a));
      case "parameters" -> parameters(connection, a[1]);
      case "again" -> again(connection, a[1], Integer.parseInt(a[2]));
      case "count" -> count(connection, a[1]);
      case "cancel" -> cancel(connection, a[1], Integer.parseInt(a[2]));
      case "timeout" -> timeout(connection, a[1], Integer.parseInt(a[2]));
      case "metadata" -> metadata(connection.getMetaData(), a[1], rest(a));
      default -> throw new IllegalArgumentException("no such operation: " + operation);
    };
  }

  private static String[] rest(String[] arguments) {
    return Arrays.copyOfRange(arguments, 2, arguments.length);
  }

  private static Object open(String name, String url) throws SQLException {
    connections.put(name, DriverManager.getConnection(url));
    return true;
  }

  private static Object close(Connection connection) throws SQLException {
    connection.close();
    return true;
  }

  private static Object query(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return told(rows);
    }
  }

  /** Whether there are rows, and how many were changed. */
  private static Object execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      boolean rows = statement.execute(sql);
      return List.of(rows, statement.getLargeUpdateCount());
    }
  }

  private static Object update(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static Object preparedQuery(Connection connection, String sql, String[] parameters) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      try (var rows = statement.executeQuery()) {
        return told(rows);
      }
    }
  }

  private static Object preparedUpdate(Connection connection, String sql, String[] parameters) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    }
  }

  private static Object parameters(Connection connection, String sql) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      return statement.getParameterMetaData().getParameterCount();
    }
  }

  /** Executes one prepared statement of one number with 1, 2, 3 and so on. */
  private static Object again(Connection connection, String sql, int times) throws SQLException {
    var answers = new ArrayList<Object>();
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 1; i <= times; i++) {
        statement.setInt(1, i);
        try (var rows = statement.executeQuery()) {
          rows.next();
          answers.add(rows.getString(1));
        }
      }
    }
    return answers;
  }

  /** Parameters are "type:value" or "null:". */
  private static void bind(PreparedStatement statement, String[] parameters) throws SQLException {
    for (int i = 1; i <= parameters.length; i++) {
      var type = parameters[i - 1].substring(0, parameters[i - 1].indexOf(':'));
      var value = parameters[i - 1].substring(type.length() + 1);
      switch (type) {
        case "null" -> statement.setNull(i, Types.NULL);
        case "boolean" -> statement.setBoolean(i, Boolean.parseBoolean(value));
        case "byte" -> statement.setByte(i, Byte.parseByte(value));
        case "short" -> statement.setShort(i, Short.parseShort(value));
        case "int" -> statement.setInt(i, Integer.parseInt(value));
        case "long" -> statement.setLong(i, Long.parseLong(value));
        case "float" -> statement.setFloat(i, Float.parseFloat(value));
        case "double" -> statement.setDouble(i, Double.parseDouble(value));
        case "decimal" -> statement.setBigDecimal(i, new BigDecimal(value));
        case "string" -> statement.setString(i, value);
        case "bytes" -> statement.setBytes(i, HexFormat.of().parseHex(value));
        case "date" -> statement.setDate(i, Date.valueOf(value));
        case "time" -> statement.setTime(i, Time.valueOf(value));
        case "timestamp" -> statement.setTimestamp(i, Timestamp.valueOf(value));
        default -> throw new IllegalArgumentException("no such type: " + type);
      }
    }
  }

  /** How many rows there are, and how many of them hold another value than their number from 0 in the first column. */
  private static Object count(Connection connection, String sql) throws SQLException {
    long count = 0;
    long wrong = 0;
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      for (; rows.next(); count++) if (rows.getLong(1) != count) wrong++;
    }
    return List.of(count, wrong);
  }

  /** Reads rows until another thread cancels; answers what then is thrown. */
  private static Object cancel(Connection connection, String sql, int afterMs) throws Exception {
    try (var statement = connection.createStatement()) {
      var canceller = new Thread(() -> cancelLater(statement, afterMs));
      canceller.start();
      try (var rows = statement.executeQuery(sql)) {
        while (rows.next()) {}
        return null;
      } catch (SQLException problem) {
        return messages(problem);
      } catch (RuntimeException problem) {
        // In mid-stream the driver lets Flight's own exception through.
        return String.valueOf(problem.getMessage());
      } finally {
        canceller.join();
      }
    }
  }

  private static void cancelLater(Statement statement, int afterMs) {
    try {
      Thread.sleep(afterMs);
      statement.cancel();
    } catch (SQLException | InterruptedException problem) {
      throw new IllegalStateException(problem);
    }
  }

  private static Object timeout(Connection connection, String sql, int seconds) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.setQueryTimeout(seconds);
      try (var rows = statement.executeQuery(sql)) {
        while (rows.next()) {}
      }
    }
    return null;
  }

  /** Calls a method of DatabaseMetaData; arrays are given as their members between commas. */
  private static Object metadata(DatabaseMetaData metadata, String name, String[] arguments) throws Exception {
    var method =
        Arrays.stream(DatabaseMetaData.class.getMethods())
            .filter(each -> each.getName().equals(name) && each.getParameterCount() == arguments.length)
            .findFirst()
            .orElseThrow();
    var types = method.getParameterTypes();
    var values = new Object[arguments.length];
    for (int i = 0; i < values.length; i++)
      values[i] = types[i].isArray() && arguments[i] != null ? arguments[i].split(",") : arguments[i];
    Object answer = method.invoke(metadata, values);
    if (!(answer instanceof ResultSet rows)) return answer;
    try (rows) {
      return told(rows);
    }
  }

  private static Map<String, Object> told(ResultSet rows) throws SQLException {
    ResultSetMetaData about = rows.getMetaData();
    var columns = new ArrayList<Object>();
    var types = new ArrayList<Object>();
    for (int i = 1; i <= about.getColumnCount(); i++) {
      columns.add(about.getColumnLabel(i));
      types.add(about.getColumnTypeName(i));
    }
    var values = new ArrayList<Object>();
    while (rows.next()) {
      var row = new ArrayList<Object>();
      for (int i = 1; i <= columns.size(); i++) row.add(text(rows.getObject(i)));
      values.add(row);
    }
    return Map.of("columns", columns, "types", types, "rows", values);
  }

  private static String text(Object value) {
    if (value instanceof byte[] bytes) return HexFormat.of().formatHex(bytes);
    return value == null ? null : value.toString();
  }

  private static String json(Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
    if (value instanceof List<?> list)
      return list.stream().map(Jdbc::json).collect(Collectors.joining(",", "[", "]"));
    if (value instanceof Map<?, ?> map)
      return map.entrySet().stream()
          .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    var quoted = new StringBuilder("\"");
    for (char c : value.toString().toCharArray())
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < ' ') quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    return quoted.append('"').toString();
  }
}
