package dev.muster.status.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The regions as this one knows them.
 *
 * @param region this one
 */
public record RegionsView(
    String region,
    List<RegionView> regions,
    List<ReplicationView> replications,
    List<TakeoverView> takeovers,
    List<RemoteJobView> jobs) {
  public RegionsView {
    regions = List.copyOf(regions);
    replications = List.copyOf(replications);
    takeovers = List.copyOf(takeovers);
    jobs = List.copyOf(jobs);
  }

  /** Whether any environment's regions are kept in step. */
  public boolean any() {
    return !replications.isEmpty();
  }

  /**
   * A region in an environment.
   *
   * @param own whether it is this one
   * @param beats whether its beats come
   * @param heardAt when its last beat was seen here
   * @param revision of the config in force there
   * @param standsInFor the regions whose work it took over
   * @param jobs that it told of and keeps
   */
  public record RegionView(
      String environment,
      String region,
      boolean own,
      boolean beats,
      String address,
      long generation,
      @Nullable Instant heardAt,
      String version,
      @Nullable String revision,
      List<String> standsInFor,
      long jobs) {
    public RegionView {
      standsInFor = List.copyOf(standsInFor);
    }
  }

  /**
   * How an environment is kept in step.
   *
   * @param waiting aggregates that changed and are not in the table yet
   * @param oldest since when the one that waits longest does
   * @param caughtUpAt when all changes of the others were last known here
   * @param written items since the start
   * @param unusable items of the table that could not be taken since the start
   * @param trouble what keeps it from being kept in step
   * @param hold why nothing is launched or ended in it meanwhile
   */
  public record ReplicationView(
      String environment,
      String table,
      long waiting,
      @Nullable Instant oldest,
      @Nullable Instant caughtUpAt,
      long written,
      long unusable,
      @Nullable String trouble,
      @Nullable String hold) {}

  /** A takeover by this region. */
  public record TakeoverView(
      String environment,
      String region,
      long generation,
      Instant at,
      String reason,
      int jobs,
      @Nullable Instant returnedAt) {}

  /**
   * A job of another region.
   *
   * @param toldAt when that one wrote it, by its own clock
   * @param heardAt since when it is known here
   */
  public record RemoteJobView(
      long id,
      String repository,
      String name,
      String state,
      String environment,
      String region,
      Instant toldAt,
      Instant heardAt) {}
}
