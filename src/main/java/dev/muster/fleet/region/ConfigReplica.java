package dev.muster.fleet.region;

import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What the config in force says, for others to see. It is never taken back: the repository has it.
 */
final class ConfigReplica implements ReplicatedKind {
  private final String kind;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final BiFunction<FleetSpec, String, Map<String, Object>> bodies;

  /**
   * @param bodies by name, of an environment
   */
  ConfigReplica(
      String kind,
      Supplier<Optional<FleetSpec>> fleet,
      BiFunction<FleetSpec, String, Map<String, Object>> bodies) {
    this.kind = kind;
    this.fleet = fleet;
    this.bodies = bodies;
  }

  @Override
  public String kind() {
    return kind;
  }

  private Map<String, Object> bodies(String environment) {
    return fleet.get().map(spec -> bodies.apply(spec, environment)).orElse(Map.of());
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    return Optional.ofNullable(bodies(environment).get(name))
        .map(body -> new State(Bodies.write(body), Optional.empty()));
  }

  @Override
  public List<String> names(Read read, String environment) {
    return List.copyOf(bodies(environment).keySet());
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {}
}
