package dev.muster.status;

import dev.muster.config.ConfigRepository;
import dev.muster.config.InForce;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the appliance serves. */
public final class Health {
  private final Database database;
  private final Writer writer;
  private final InForce inForce;
  private final ConfigRepository repository;
  private final Supplier<Optional<String>> refused;

  /**
   * Asks when it is asked.
   *
   * @param refused that another appliance has this one's region
   */
  public Health(
      Database database,
      Writer writer,
      InForce inForce,
      ConfigRepository repository,
      Supplier<Optional<String>> refused) {
    this.database = database;
    this.writer = writer;
    this.inForce = inForce;
    this.repository = repository;
    this.refused = refused;
  }

  /** Why it does not serve; empty when it does. */
  public Optional<String> unready() {
    if (writer.failing()) {
      return Optional.of("nothing can be made durable; see the log");
    }
    try {
      database.read(read -> read.count("select 1 n"));
    } catch (RuntimeException e) {
      return Optional.of("the database cannot be read");
    }
    return inForce.get().isPresent() ? refused.get() : withoutConfig().or(refused);
  }

  /** Only an embedded repository without a commit expects none yet. */
  private Optional<String> withoutConfig() {
    try {
      return repository.remote() || repository.head().isPresent()
          ? Optional.of("no config is in force")
          : Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("no config is in force, and its repository cannot be read; see the log");
    }
  }
}
