package dev.muster.config;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The config in force, for whoever needs it now. */
public final class InForce implements Supplier<Optional<Snapshot>> {
  private final AtomicReference<Optional<Snapshot>> snapshot =
      new AtomicReference<>(Optional.empty());

  @Override
  public Optional<Snapshot> get() {
    return snapshot.get();
  }

  /** One section of the config in force. */
  public <T> Supplier<Optional<T>> section(Class<T> type) {
    return () -> get().map(s -> s.get(type));
  }

  public void set(Snapshot next) {
    snapshot.set(Optional.of(next));
  }
}
