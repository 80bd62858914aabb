package dev.muster.kernel.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** The current row of a query, read by column name. Valid only inside the mapper it is given to. */
public final class Row {
  private final ResultSet results;

  Row(ResultSet results) {
    this.results = results;
  }

  /** A column that the schema declares {@code not null}. */
  public String text(String column) {
    return present(column, textOrNull(column));
  }

  public @Nullable String textOrNull(String column) {
    try {
      return results.getString(column);
    } catch (SQLException e) {
      throw Failures.of("read column " + column, e);
    }
  }

  public long number(String column) {
    return present(column, numberOrNull(column));
  }

  public @Nullable Long numberOrNull(String column) {
    try {
      long value = results.getLong(column);
      return results.wasNull() ? null : value;
    } catch (SQLException e) {
      throw Failures.of("read column " + column, e);
    }
  }

  public int integer(String column) {
    return Math.toIntExact(number(column));
  }

  public boolean flag(String column) {
    try {
      return results.getBoolean(column);
    } catch (SQLException e) {
      throw Failures.of("read column " + column, e);
    }
  }

  public Instant instant(String column) {
    return present(column, instantOrNull(column));
  }

  public @Nullable Instant instantOrNull(String column) {
    try {
      OffsetDateTime value = results.getObject(column, OffsetDateTime.class);
      return value == null ? null : value.toInstant();
    } catch (SQLException e) {
      throw Failures.of("read column " + column, e);
    }
  }

  public byte[] bytes(String column) {
    return present(column, bytesOrNull(column));
  }

  public byte @Nullable [] bytesOrNull(String column) {
    try {
      return results.getBytes(column);
    } catch (SQLException e) {
      throw Failures.of("read column " + column, e);
    }
  }

  private static <T> T present(String column, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("Column " + column + " is null where a value is required");
    }
    return value;
  }
}
