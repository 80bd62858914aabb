package dev.muster.fleet.github;

import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobReports;
import dev.muster.fleet.job.JobReports.Progress;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.notice.Notices.Notice;
import dev.muster.kernel.notice.Notices.Severity;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Says on the commit that a job was rejected, once for each job: who pushed looks there and not at
 * our status page. That it is about to be said is stored before GitHub is called; after a crash or
 * a lost answer in between, the commit is looked at before anything is said again.
 */
public final class RejectedJobReporter implements Reconciler<JobId> {
  /** How long an owner who lets us write no checks is left alone. */
  static final Duration DENIED = Duration.ofHours(1);

  private static final int LONGEST_NOTICE_ID = 100;

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final GitHubClient client;
  private final GitHubChecks checks;
  private final Map<String, Instant> denied = new ConcurrentHashMap<>();

  public RejectedJobReporter(
      Database database, Writer writer, InstantSource clock, GitHubClient client) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.client = client;
    this.checks = new GitHubChecks(client);
  }

  @Override
  public String kind() {
    return JobKeys.REPORT;
  }

  @Override
  public JobId key(String name) {
    return new JobId(Long.parseLong(name));
  }

  @Override
  public int concurrency() {
    return 2;
  }

  @Override
  public Outcome reconcile(JobId id, Optional<TraceContext> trace) {
    Optional<RejectedJobCheck> check =
        database.read(read -> JobStore.find(read, id).flatMap(RejectedJobCheck::of));
    Progress progress = database.read(read -> JobReports.of(read, id));
    if (check.isPresent() && progress != Progress.SETTLED && client.configured()) {
      report(id, check.get(), progress);
    }
    return new Outcome.Done();
  }

  private void report(JobId id, RejectedJobCheck check, Progress progress) {
    String owner = check.repository().owner();
    Instant until = denied.get(owner.toLowerCase(Locale.ROOT));
    if (until != null && clock.instant().isBefore(until)) {
      settle(id, "unreported", unreported(owner), tx -> {});
      return;
    }
    if (progress == Progress.BEGUN && checks.published(check)) {
      created(id, check);
      return;
    }
    write(tx -> JobReports.begin(tx, id, clock.instant()));
    switch (checks.publish(check)) {
      case GitHubChecks.Published.Created() -> created(id, check);
      case GitHubChecks.Published.Denied() -> denied(id, owner);
      case GitHubChecks.Published.Unfit(String said) ->
          settle(id, "unreported", "GitHub takes no check on its commit: " + said, tx -> {});
    }
  }

  private void created(JobId id, RejectedJobCheck check) {
    String owner = check.repository().owner();
    denied.remove(owner.toLowerCase(Locale.ROOT));
    settle(
        id,
        "reported",
        "as the check '%s' on commit %s".formatted(check.name(), check.headSha()),
        tx -> Notices.settle(tx, notice(owner)));
  }

  /** Said once to the operator, and not again while this process lives; see {@link #DENIED}. */
  private void denied(JobId id, String owner) {
    Instant now = clock.instant();
    boolean news = denied.put(owner.toLowerCase(Locale.ROOT), now.plus(DENIED)) == null;
    settle(
        id,
        "unreported",
        unreported(owner),
        tx -> {
          if (news) {
            Notices.raise(
                tx,
                new Notice(
                    notice(owner),
                    Severity.WARNING,
                    now,
                    "GitHub: rejected jobs of "
                        + owner
                        + " are not reported on their commits: the App may not write checks there;"
                        + " give it the permission checks (write) and accept it at its"
                        + " installation"));
          }
        });
  }

  private static String unreported(String owner) {
    return "on its commit: the App may not write checks at " + owner;
  }

  private void settle(JobId id, String event, String detail, Consumer<Tx> also) {
    Instant now = clock.instant();
    write(tx -> {
      JobReports.settle(tx, id, event, now);
      JobStore.note(tx, id, new TimelineEntry(now, event, detail));
      also.accept(tx);
    });
  }

  private void write(Consumer<Tx> change) {
    writer.run(Priority.RECONCILE, change);
  }

  private static String notice(String owner) {
    String id = "github-checks-" + owner.toLowerCase(Locale.ROOT);
    return id.length() <= LONGEST_NOTICE_ID ? id : id.substring(0, LONGEST_NOTICE_ID);
  }
}
