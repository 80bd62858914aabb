package dev.muster.kernel.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One closure's part of a group commit. Everything done through it becomes durable as a whole or
 * not at all.
 */
public final class Tx extends Read {
  private final long batch;
  private final List<byte[]> seals;
  private final List<Runnable> afterCommit;
  private final List<Change> changes;

  Tx(
      Connection connection,
      long batch,
      List<byte[]> seals,
      List<Runnable> afterCommit,
      List<Change> changes) {
    super(connection);
    this.batch = batch;
    this.seals = seals;
    this.afterCommit = afterCommit;
    this.changes = changes;
  }

  /** Runs an insert, update, merge or delete; returns the rows it touched. */
  public int update(String sql, @Nullable Object... parameters) {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw Failures.of("run " + firstWords(sql), e);
    }
  }

  /** Runs one insert and returns the identity that the database gave the row. */
  public long insert(String sql, @Nullable Object... parameters) {
    try (PreparedStatement statement =
        connection.prepareStatement(sql, PreparedStatement.RETURN_GENERATED_KEYS)) {
      bind(statement, parameters);
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        if (!keys.next()) {
          throw new IllegalStateException("No identity from " + firstWords(sql));
        }
        return keys.getLong(1);
      }
    } catch (SQLException e) {
      throw Failures.of("run " + firstWords(sql), e);
    }
  }

  /** Runs one statement once per parameter list. */
  public void updateEach(String sql, List<@Nullable Object[]> parameterLists) {
    if (parameterLists.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (@Nullable Object[] parameters : parameterLists) {
        bind(statement, parameters);
        statement.addBatch();
      }
      statement.executeBatch();
    } catch (SQLException e) {
      throw Failures.of("run " + firstWords(sql), e);
    }
  }

  /** The number of the commit that this closure rides in; rises by one a commit, without gaps. */
  public long batch() {
    return batch;
  }

  /**
   * Adds a row's digest to what this commit's link of the audit chain covers.
   *
   * @return the row's place within the commit, from 0
   */
  public int seal(byte[] digest) {
    seals.add(digest.clone());
    return seals.size() - 1;
  }

  /** The place that the next row to be sealed will have. */
  public int nextPlace() {
    return seals.size();
  }

  /** Runs after the commit is on disk, on the writer's thread: for signals only, never for work. */
  public void afterCommit(Runnable signal) {
    afterCommit.add(signal);
  }

  /** Notes that an aggregate changed, for whoever the writer tells of it. */
  public void changed(String environment, String kind, String name) {
    changes.add(new Change(environment, kind, name));
  }

  record Mark(int seals, int signals, int changes) {}

  Mark mark() {
    return new Mark(seals.size(), afterCommit.size(), changes.size());
  }

  /** Forgets what a closure that failed had noted. */
  void forget(Mark mark) {
    truncate(seals, mark.seals());
    truncate(afterCommit, mark.signals());
    truncate(changes, mark.changes());
  }

  private static <T> void truncate(List<T> list, int size) {
    new ArrayList<>(list.subList(size, list.size())).forEach(ignored -> list.removeLast());
  }
}
