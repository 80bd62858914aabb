package dev.muster.status.api;

import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.region.RemoteJobs;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.replication.Outbox;
import dev.muster.kernel.replication.RegionLease;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Reads what is known of the regions. */
public final class RegionReader {
  private static final int MOST = 50;

  private final Database database;
  private final String own;
  private final Supplier<Map<String, Replication>> replications;

  /**
   * @param own this region
   * @param replications by environment, as they are now
   */
  public RegionReader(
      Database database, String own, Supplier<Map<String, Replication>> replications) {
    this.database = database;
    this.own = own;
    this.replications = replications;
  }

  /** Whether any environment's regions are kept in step. */
  public boolean any() {
    return !replications.get().isEmpty();
  }

  public RegionsView read() {
    Map<String, Replication> now = new TreeMap<>(replications.get());
    return database.read(read -> {
      List<RegionsView.RegionView> regions = new ArrayList<>();
      List<RegionsView.ReplicationView> kept = new ArrayList<>();
      now.forEach((environment, replication) -> {
        regions.addAll(regions(read, environment, replication.lease()));
        kept.add(view(read, environment, replication));
      });
      return new RegionsView(
          own,
          regions,
          kept,
          Takeovers.newest(read, MOST).stream()
              .map(t ->
                  new RegionsView.TakeoverView(
                      t.environment(),
                      t.region(),
                      t.generation(),
                      t.at(),
                      t.reason(),
                      t.jobs(),
                      t.returnedAt().orElse(null)))
              .toList(),
          RemoteJobs.newest(read, MOST).stream()
              .map(j ->
                  new RegionsView.RemoteJobView(
                      j.id(),
                      j.repository(),
                      j.name(),
                      j.state(),
                      j.environment(),
                      j.region(),
                      j.toldAt(),
                      j.heardAt()))
              .toList());
    });
  }

  private List<RegionsView.RegionView> regions(Read read, String environment, RegionLease lease) {
    List<RegionsView.RegionView> regions = new ArrayList<>();
    lease
        .own()
        .ifPresent(mine ->
            regions.add(
                region(read, environment, mine, true, lease.generation().isPresent(), null)));
    new TreeMap<>(lease.others())
        .forEach((name, heard) ->
            regions.add(
                region(
                    read, environment, heard.lease(), false, lease.beats(name), heard.heardAt())));
    return regions;
  }

  private static RegionsView.RegionView region(
      Read read,
      String environment,
      Lease lease,
      boolean own,
      boolean beats,
      java.time.@org.jspecify.annotations.Nullable Instant heardAt) {
    return new RegionsView.RegionView(
        environment,
        lease.region(),
        own,
        beats,
        lease.address(),
        lease.generation(),
        own ? lease.at() : heardAt,
        lease.version(),
        lease.revision().orElse(null),
        lease.taken().keySet().stream().sorted().toList(),
        own
            ? JobStore.counts(read).values().stream().mapToLong(Long::longValue).sum()
            : Mirror.count(read, environment, lease.region(), JobStore.KIND));
  }

  private static RegionsView.ReplicationView view(
      Read read, String environment, Replication replication) {
    Outbox.Backlog backlog = Outbox.backlog(read, environment);
    return new RegionsView.ReplicationView(
        environment,
        replication.table().name(),
        backlog.count(),
        backlog.oldest().orElse(null),
        replication.caughtUpAt().orElse(null),
        replication.replicator().written(),
        replication.replicator().unusable(),
        replication.trouble().orElse(null),
        replication.hold().orElse(null));
  }
}
