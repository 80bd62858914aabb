package dev.muster.fleet.region;

import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.replication.Mirror;
import dev.muster.kernel.store.Read;
import java.time.Instant;
import java.util.List;

/** Jobs of other regions, as those told of them. */
public final class RemoteJobs {
  private RemoteJobs() {}

  /**
   * A job at home elsewhere.
   *
   * @param region its home
   * @param toldAt when that one wrote it, by its own clock
   * @param heardAt since when it is known here
   */
  public record RemoteJob(
      long id,
      String repository,
      String name,
      String state,
      String environment,
      String region,
      Instant toldAt,
      Instant heardAt) {}

  /** The newest, each as its home has it. */
  public static List<RemoteJob> newest(Read read, int limit) {
    return Mirror.ofKind(read, JobStore.KIND, limit * 2).stream()
        .flatMap(held ->
            RegionalHomes.body(held)
                .filter(body -> body.home().equals(held.item().key().writer()))
                .map(body ->
                    new RemoteJob(
                        body.id(),
                        body.repository(),
                        body.name(),
                        body.state(),
                        held.environment(),
                        body.home(),
                        held.item().writtenAt(),
                        held.receivedAt()))
                .stream())
        .limit(limit)
        .toList();
  }
}
