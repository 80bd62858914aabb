package dev.muster.fleet.region;

import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Ownership;
import dev.muster.fleet.job.OwnershipStore;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.replication.Membership;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.RegionLease;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Homes as the regions' leases and what they told each other have them. A job is at home where
 * somebody holds it already; else with the appliance of the region that its label or its pool
 * names, where there is one; else with whoever heard of it first.
 */
public final class RegionalHomes implements Homes {
  /**
   * That a region holds a job for its own.
   *
   * @param region which
   */
  record Claim(String region, int epoch) {
    /** The higher epoch has it; of two with the same, which only a partition makes, the first. */
    static final Comparator<Claim> STRONGEST =
        Comparator.comparingInt(Claim::epoch).reversed().thenComparing(Claim::region);
  }

  private final String own;
  private final Database database;
  private final Membership.All memberships;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final JobPlacement placement;

  /**
   * @param own this region
   */
  public RegionalHomes(
      String own,
      Database database,
      Membership.All memberships,
      Supplier<Optional<FleetSpec>> fleet,
      JobPlacement placement) {
    this.own = own;
    this.database = database;
    this.memberships = memberships;
    this.fleet = fleet;
    this.placement = placement;
  }

  @Override
  public Ownership of(Read read, JobFacts job) {
    if (memberships.now().isEmpty()) {
      return Ownership.OURS;
    }
    Optional<Ownership> decided = OwnershipStore.of(read, job.id());
    if (decided.isPresent()) {
      return decided.get();
    }
    return placement
        .pool(read, job)
        .flatMap(pool ->
            membership(pool.environment())
                .map(membership -> first(read, job, pool, membership.lease())))
        .orElse(Ownership.OURS);
  }

  private Ownership first(Read read, JobFacts job, PoolSpec pool, RegionLease lease) {
    Optional<Claim> held = claims(read, job).stream().min(Claim.STRONGEST);
    if (held.isPresent()) {
      return ownership(held.get());
    }
    String region = pool.region();
    if (region.equals(own) || !there(read, lease, pool.environment(), region)) {
      return Ownership.OURS;
    }
    return lease.taken().containsKey(region)
        ? new Ownership(Optional.empty(), 1)
        : new Ownership(Optional.of(region), 0);
  }

  private static boolean there(Read read, RegionLease lease, String environment, String region) {
    return lease.known(region) || Mirror.knows(read, environment, region);
  }

  private boolean there(Membership membership, String region) {
    return membership.lease().known(region)
        || (!membership.hasRead()
            && database.read(read -> Mirror.knows(read, membership.environment(), region)));
  }

  Ownership ownership(Claim claim) {
    return new Ownership(
        Optional.of(claim.region()).filter(region -> !region.equals(own)), claim.epoch());
  }

  /** Who holds a job, by what other regions say. */
  static List<Claim> claims(Read read, JobFacts job) {
    return Mirror.of(read, JobStore.KIND, job.id().toString()).stream()
        .flatMap(held -> claim(held).stream())
        .toList();
  }

  static Optional<Claim> claim(Mirror.Held held) {
    return body(held).map(body -> new Claim(body.home(), body.epoch()));
  }

  /** Empty where it cannot be read, which was said when it came. */
  static Optional<JobBody> body(Mirror.Held held) {
    try {
      return Optional.of(JobBody.parse(held.item().body()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Optional<Membership> membership(String environment) {
    return Optional.ofNullable(memberships.now().get(environment));
  }

  @Override
  public boolean keeps(PoolSpec pool) {
    return membership(pool.environment())
        .map(membership -> keeper(pool, membership).equals(own))
        .orElse(true);
  }

  private String keeper(PoolSpec pool, Membership membership) {
    Optional<String> usual = fleet.get().map(spec -> spec.defaults().region());
    return Stream.concat(Stream.of(pool.region()), usual.stream())
        .filter(region -> there(membership, region))
        .findFirst()
        .orElseGet(() -> {
          Set<String> all = new TreeSet<>(others(membership));
          all.add(own);
          return all.iterator().next();
        });
  }

  @Override
  public Optional<String> hold(String environment) {
    return memberships.changing()
        ? Optional.of("the table of regions is being opened")
        : membership(environment).flatMap(Membership::hold);
  }

  @Override
  public boolean leads() {
    return !memberships.changing()
        && memberships.now().values().stream().noneMatch(one -> one.hold().isPresent())
        && memberships.now().values().stream().allMatch(this::leads);
  }

  private boolean leads(Membership membership) {
    return !membership.lease().taken().isEmpty()
        || others(membership).stream()
            .filter(other -> !membership.hasRead() || membership.lease().beats(other))
            .allMatch(other -> own.compareTo(other) < 0);
  }

  /** The other regions, silent ones too; while the table is away, those that were there once. */
  private Collection<String> others(Membership membership) {
    return membership.hasRead()
        ? membership.lease().others().keySet()
        : database.read(read -> Mirror.writers(read, membership.environment()));
  }

  @Override
  public boolean alone() {
    return memberships.now().values().stream()
        .allMatch(one ->
            one.lease().others().isEmpty()
                && database.read(read -> Mirror.writers(read, one.environment())).isEmpty());
  }

  @Override
  public boolean standsIn() {
    return memberships.now().values().stream()
        .anyMatch(membership -> !membership.lease().taken().isEmpty());
  }
}
