package dev.muster.fleet.job;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whose jobs are: the part of their rows that regions agree on. */
public final class OwnershipStore {
  private OwnershipStore() {}

  /** The environment of a job, known for one that is at home elsewhere too. */
  public static Optional<String> environment(Read read, JobId id) {
    return read.first(
            "select environment from job where id = ?",
            row -> Optional.ofNullable(row.textOrNull("environment")),
            id.value())
        .flatMap(found -> found);
  }

  /** Whose a job is, as far as it was decided; empty where the job is not known. */
  public static Optional<Ownership> of(Read read, JobId id) {
    return read.first(
        "select home, epoch from job where id = ?", OwnershipStore::ownership, id.value());
  }

  /**
   * Says whose a job is. One that goes elsewhere has no pool here any more.
   *
   * @param environment whose table tells the others of it
   */
  public static void own(Tx tx, JobId id, Ownership ownership, String environment) {
    tx.update(
        """
        update job set home = ?, epoch = ?, environment = ?,
          pool = case when cast(? as varchar) is null then pool end, version = version + 1
        where id = ? and (home is distinct from ? or epoch <> ? or environment is distinct from ?)
        """,
        ownership.elsewhere().orElse(null),
        ownership.epoch(),
        environment,
        ownership.elsewhere().orElse(null),
        id.value(),
        ownership.elsewhere().orElse(null),
        ownership.epoch(),
        environment);
    tx.changed(environment, JobStore.KIND, id.toString());
  }

  /**
   * A job with whose it is.
   *
   * @param environment whose table tells the others of it; known for one at home elsewhere too
   */
  public record Owned(Job job, Ownership ownership, Optional<String> environment) {}

  /** {@link JobStore#find}, {@link #of} and {@link #environment} at once. */
  public static Optional<Owned> owned(Read read, JobId id) {
    return read.first("select * from job where id = ?", OwnershipStore::owned, id.value());
  }

  private static Owned owned(Row row) {
    return new Owned(
        JobStore.job(row), ownership(row), Optional.ofNullable(row.textOrNull("environment")));
  }

  private static Ownership ownership(Row row) {
    return new Ownership(Optional.ofNullable(row.textOrNull("home")), row.integer("epoch"));
  }

  /** The jobs of an environment that have not ended, or did since {@code since}. */
  public static List<JobId> openSince(Read read, String environment, Instant since) {
    return read.all(
        """
        select id from job where environment = ?
          and (completed_at >= ? or state in ('WAITING', 'QUEUED', 'ASSIGNED', 'RUNNING'))
        """,
        row -> new JobId(row.number("id")),
        environment,
        since);
  }

  /** Jobs at home in {@code region} of which this region heard, and that wait there. */
  public static List<Owned> waitingAt(Read read, String region) {
    return read.all(
        "select * from job where home = ? and state in ('QUEUED', 'WAITING') order by id",
        OwnershipStore::owned,
        region);
  }

  /** Stores a job as it was known to this region once, in place of what is here. */
  public static void restore(Tx tx, Job job, Ownership ownership, String environment) {
    tx.update("delete from job where id = ?", job.id().value());
    JobStore.insert(tx, job);
    JobStore.update(tx, job.firstVersion());
    tx.update(
        "update job set home = ?, epoch = ?, environment = ? where id = ?",
        ownership.elsewhere().orElse(null),
        ownership.epoch(),
        environment,
        job.id().value());
  }
}
