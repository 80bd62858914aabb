package dev.muster.fleet.job;

import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.store.Read;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Homes as a test has them: there is another region, and all is ours until it says otherwise. */
public final class SomeHomes implements Homes {
  public static final String OTHER = "eu-central-1";

  /** Ids of the jobs that are at home there. */
  public final Set<Long> elsewhere = new HashSet<>();

  public boolean keeps = true;
  public boolean leads = true;
  public Optional<String> hold = Optional.empty();

  @Override
  public Ownership of(Read read, JobFacts job) {
    return elsewhere.contains(job.id().value())
        ? new Ownership(Optional.of(OTHER), 0)
        : Ownership.OURS;
  }

  @Override
  public boolean keeps(PoolSpec pool) {
    return keeps;
  }

  @Override
  public Optional<String> hold(String environment) {
    return hold;
  }

  @Override
  public boolean leads() {
    return leads;
  }

  @Override
  public boolean alone() {
    return false;
  }

  @Override
  public boolean standsIn() {
    return false;
  }
}
