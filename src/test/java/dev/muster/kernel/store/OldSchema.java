package dev.muster.kernel.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;

/** Databases as earlier versions left them. */
public final class OldSchema {
  private OldSchema() {}

  /**
   * Makes one.
   *
   * @param data without H2's suffix
   * @param version the newest migration that it has
   * @param statements what the version did with it
   */
  public static void make(Path data, String version, String... statements) throws SQLException {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:file:" + data.toAbsolutePath() + ";DB_CLOSE_DELAY=-1");
    source.setUser("muster");
    source.setPassword("");
    Flyway.configure(OldSchema.class.getClassLoader())
        .dataSource(source)
        .locations("classpath:db/migration")
        .communityDBSupportEnabled(false)
        .target(version)
        .load()
        .migrate();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
      statement.execute("SHUTDOWN");
    }
  }

  /** The newest migration that a database has, whatever version that is. */
  public static String version(Path data) throws SQLException {
    return text(
        data,
        """
        select "version" from "flyway_schema_history"
        where "installed_rank" = (select max("installed_rank") from "flyway_schema_history")
        """);
  }

  /** The first column of the first row, of a database that nobody else has open. */
  public static String text(Path data, String query) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:file:" + data.toAbsolutePath() + ";IFEXISTS=TRUE", "muster", "");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
