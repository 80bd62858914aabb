package dev.muster.fleet.region;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Jobs, those of other regions that this one heard of included. */
public final class JobReplica implements ReplicatedKind {
  /** What ended longer ago than this was told before, or is of no interest to anybody. */
  private static final Duration LATELY = Duration.ofDays(1);

  private final String own;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Supplier<Duration> kept;

  /**
   * @param own this region
   * @param kept how long jobs are kept
   */
  public JobReplica(String own, WorkQueue queue, InstantSource clock, Supplier<Duration> kept) {
    this.own = own;
    this.queue = queue;
    this.clock = clock;
    this.kept = kept;
  }

  @Override
  public String kind() {
    return JobStore.KIND;
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    return OwnershipStore.owned(read, new JobId(Long.parseLong(name)))
        .filter(owned -> owned.environment().equals(Optional.of(environment)))
        .map(owned -> {
          Job job = owned.job();
          Optional<Instant> expires =
              job.times()
                  .completed()
                  .filter(at -> job.state().ended())
                  .map(at -> at.plus(kept.get()));
          return new State(Bodies.write(JobBody.of(job, owned.ownership(), own)), expires);
        });
  }

  @Override
  public List<String> names(Read read, String environment) {
    return OwnershipStore.openSince(read, environment, clock.instant().minus(LATELY)).stream()
        .map(JobId::toString)
        .toList();
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {
    JobBody body = JobBody.parse(item.body());
    Job job = body.job(environment);
    OwnershipStore.restore(tx, job, body.ownership(own), environment);
    if (!job.state().ended()) { // its keys were in the database that is gone
      queue.due(tx, RunnerKeys.job(job.id()), clock.instant(), body.trace());
    }
    due(tx, body);
  }

  @Override
  public void arrived(Tx tx, String environment, Item item) {
    due(tx, JobBody.parse(item.body()));
  }

  private void due(Tx tx, JobBody body) {
    queue.due(tx, RegionKeys.job(new JobId(body.id())), clock.instant(), body.trace());
  }
}
