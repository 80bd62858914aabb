package dev.muster.fleet.region;

import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunRef;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What runs lost with their machines and is to be rerun. */
public final class RerunReplica implements ReplicatedKind {
  /** Nobody asks after an intent that was settled longer ago. */
  private static final Duration KEPT = Duration.ofDays(30);

  record Body(
      String repository,
      long runId,
      int runAttempt,
      RerunIntent.State state,
      String detail,
      Instant createdAt,
      Instant changedAt) {
    RerunIntent intent() {
      return new RerunIntent(
          new RunRef(repository, runId), runAttempt, state, detail, createdAt, changedAt);
    }
  }

  static Body parse(String body) {
    return Bodies.read(body, Body.class);
  }

  @Override
  public String kind() {
    return RerunIntents.KIND;
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    return RerunIntents.named(read, name)
        .map(intent ->
            new State(
                Bodies.write(
                    new Body(
                        intent.run().repository(),
                        intent.run().id(),
                        intent.attempt(),
                        intent.state(),
                        intent.detail(),
                        intent.createdAt(),
                        intent.changedAt())),
                Optional.of(intent.changedAt().plus(KEPT))));
  }

  @Override
  public List<String> names(Read read, String environment) {
    return RerunIntents.openNames(read, environment);
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {
    RerunIntents.restore(tx, parse(item.body()).intent());
  }
}
