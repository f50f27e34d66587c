import java.sql.DriverManager;
import java.sql.ResultSetMetaData;
import java.util.StringJoiner;

/** Runs one query by the Arrow JDBC driver: arguments are the URL and the SQL; prints rows, values between tabs. */
public class JdbcQuery {
  public static void main(String[] arguments) throws Exception {
    try (var connection = DriverManager.getConnection(arguments[0]);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(arguments[1])) {
      ResultSetMetaData columns = rows.getMetaData();
      while (rows.next()) {
        var line = new StringJoiner("\t");
        for (int i = 1; i <= columns.getColumnCount(); i++) line.add(String.valueOf(rows.getObject(i)));
        System.out.println(line);
      }
    }
  }
}
