package dev.muster.status.api;

import dev.muster.kernel.store.Database;
import java.util.Optional;

/** Reads what was decided, done, delivered and is still to be done. */
public final class LogReader {
  private final Database database;
  private final String configSource;

  /**
   * @param configSource where configs come from, for people
   */
  public LogReader(Database database, String configSource) {
    this.database = database;
    this.configSource = configSource;
  }

  public ConfigView config() {
    return database.read(read -> ConfigView.read(read, configSource));
  }

  /** The files of the config in force; empty while there is none. */
  public Optional<ConfigFilesView> configFiles() {
    return database.read(ConfigFilesView::read);
  }

  public QueueView queue(int limit) {
    return database.read(read -> QueueView.read(read, limit));
  }

  /**
   * A part of the trail.
   *
   * @param since only entries after this sequence number
   */
  public AuditList audit(long since, Slice slice) {
    return database.read(read -> AuditList.read(read, since, slice));
  }

  public DeliveryList deliveries(Slice slice) {
    return database.read(read -> DeliveryList.read(read, slice));
  }
}
