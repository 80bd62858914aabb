package dev.muster.fleet.region;

import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Runners that have a machine. Which job one has is told with the job. An appliance that lost its
 * database does not take them back: it has no credentials of theirs any more. What is at work ends
 * by itself, and the orphan reaper sees to the rest, with all of its doubts.
 */
public final class RunnerReplica implements ReplicatedKind {
  /** As it is told. */
  record Body(
      String id,
      String pool,
      String provider,
      String region,
      String spec,
      String launch,
      Optional<String> instance,
      Optional<String> machineType,
      Optional<String> zone,
      boolean spot,
      Instant createdAt) {}

  @Override
  public String kind() {
    return RunnerStore.KIND;
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    return RunnerStore.find(read, new RunnerId(name))
        .filter(runner -> runner.origin().environment().equals(environment))
        .filter(runner -> runner.instance().isPresent() && !runner.state().ended())
        .map(runner -> new State(Bodies.write(body(read, runner)), Optional.empty()));
  }

  private static Body body(Read read, Runner runner) {
    Optional<Offer> offer = RunnerStore.offer(read, runner.id());
    return new Body(
        runner.id().value(),
        runner.origin().pool(),
        runner.origin().provider(),
        runner.origin().region(),
        runner.origin().spec(),
        runner.origin().launch().value(),
        runner.instance(),
        offer.map(Offer::type),
        offer.map(Offer::zone),
        offer.map(Offer::spot).orElse(false),
        runner.origin().createdAt());
  }

  @Override
  public List<String> names(Read read, String environment) {
    return RunnerStore.living(read, Integer.MAX_VALUE).stream()
        .filter(runner -> runner.origin().environment().equals(environment))
        .map(runner -> runner.id().value())
        .toList();
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {}
}
