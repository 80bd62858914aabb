package dev.muster.kernel.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Queries over one consistent state of the database. Parameters are positional ({@code ?}); an
 * {@link Instant} is stored in UTC, an enum by its name. Never held across a network call.
 */
public sealed class Read permits Tx {
  final Connection connection;

  Read(Connection connection) {
    this.connection = connection;
  }

  /** Every row of {@code sql}, in its order. */
  public final <T> List<T> all(
      String sql, Function<Row, T> mapper, @Nullable Object... parameters) {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet results = statement.executeQuery()) {
      List<T> rows = new ArrayList<>();
      Row row = new Row(results);
      while (results.next()) {
        rows.add(mapper.apply(row));
      }
      return rows;
    } catch (SQLException e) {
      throw Failures.of("run " + firstWords(sql), e);
    }
  }

  /** The first row of {@code sql}, or empty where there is none. */
  public final <T> Optional<T> first(
      String sql, Function<Row, T> mapper, @Nullable Object... parameters) {
    try (PreparedStatement statement = prepare(sql, parameters);
        ResultSet results = statement.executeQuery()) {
      return results.next() ? Optional.of(mapper.apply(new Row(results))) : Optional.empty();
    } catch (SQLException e) {
      throw Failures.of("run " + firstWords(sql), e);
    }
  }

  /** The single number that {@code sql} names {@code n}; zero where it is null. */
  public final long count(String sql, @Nullable Object... parameters) {
    return first(sql, row -> Optional.ofNullable(row.numberOrNull("n")).orElse(0L), parameters)
        .orElse(0L);
  }

  final PreparedStatement prepare(String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    bind(statement, parameters);
    return statement;
  }

  static void bind(PreparedStatement statement, @Nullable Object... parameters)
      throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      Object value = parameters[i];
      switch (value) {
        case null -> statement.setNull(i + 1, Types.NULL);
        case Instant instant -> statement.setObject(i + 1, instant.atOffset(ZoneOffset.UTC));
        case Enum<?> constant -> statement.setString(i + 1, constant.name());
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        default -> statement.setObject(i + 1, value);
      }
    }
  }

  static String firstWords(String sql) {
    String line = sql.strip().replaceAll("\\s+", " ");
    return line.length() <= 60 ? line : line.substring(0, 60) + "…";
  }
}
