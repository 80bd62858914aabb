package dev.muster.fleet.region;

import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * By what this region's machines are known to be its own. An appliance that lost its database must
 * find them again, or nobody would ever end those that it had.
 */
public final class IdentityReplica implements ReplicatedKind {
  private static final String NAME = "machines";

  private final String fact;

  /**
   * @param fact under which it is kept
   */
  public IdentityReplica(String fact) {
    this.fact = fact;
  }

  record Body(String value) {}

  /** Makes one where there is none, so that there is one to tell. */
  public void make(Tx tx) {
    if (Facts.get(tx, fact).isEmpty()) {
      Facts.put(tx, fact, UUID.randomUUID().toString());
    }
  }

  @Override
  public String kind() {
    return "identity";
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    return Facts.get(read, fact)
        .filter(value -> name.equals(NAME))
        .map(value -> new State(Bodies.write(new Body(value)), Optional.empty()));
  }

  @Override
  public List<String> names(Read read, String environment) {
    return List.of(NAME);
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {
    Facts.put(tx, fact, Bodies.read(item.body(), Body.class).value());
  }
}
