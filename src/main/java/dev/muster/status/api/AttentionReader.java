package dev.muster.status.api;

import dev.muster.config.Problem;
import dev.muster.config.RevisionStore;
import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.Throttles;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Read;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Gathers what needs a person: what failed, stalled, was refused, or waits unusually long. */
public final class AttentionReader {
  /** A job that waits longer for a runner than any cloud takes to start one. */
  static final Duration LONG_WAIT = Duration.ofMinutes(10);

  private static final int SHOWN = 20;
  private static final Duration REJECTED_SHOWN = Duration.ofHours(24);

  private final BooleanSupplier storeFailing;
  private final Throttles throttles;

  /**
   * @param storeFailing whether nothing can be made durable at the moment
   */
  public AttentionReader(BooleanSupplier storeFailing, Throttles throttles) {
    this.storeFailing = storeFailing;
    this.throttles = throttles;
  }

  List<StatusView.Attention> all(Read read, Instant now) {
    List<StatusView.Attention> matters = new ArrayList<>();
    if (storeFailing.getAsBoolean()) {
      matters.add(
          error(
              now,
              "Nothing can be stored: check the disk and the log; senders are told to try again"));
    }
    Notices.all(read).forEach(notice -> matters.add(notice(notice)));
    boolean inForce = RevisionStore.inForce(read).isPresent();
    RevisionStore.rejectedHead(read).ifPresent(rejected -> matters.add(config(rejected, inForce)));
    stalled(read, matters);
    waiting(read, now, matters);
    rejectedJobs(read, now, matters);
    scarce(read, now, matters);
    throttles.lately().forEach(throttle -> matters.add(slowed(throttle)));
    matters.sort(Comparator.comparing(StatusView.Attention::severity));
    return matters;
  }

  private static StatusView.Attention error(Instant at, String message) {
    return new StatusView.Attention("error", at, message, List.of(), null);
  }

  private static StatusView.Attention notice(Notices.Notice notice) {
    return new StatusView.Attention(
        notice.severity().name().toLowerCase(Locale.ROOT),
        notice.at(),
        notice.message(),
        List.of(),
        null);
  }

  private static StatusView.Attention config(RevisionStore.Decided rejected, boolean inForce) {
    return new StatusView.Attention(
        "error",
        rejected.at(),
        "Config %s by %s was rejected; %s"
            .formatted(
                rejected.revision().brief(),
                rejected.revision().author(),
                inForce ? "the last good one stays in force" : "none is in force"),
        rejected.problems().stream().limit(SHOWN).map(Problem::toString).toList(),
        "/config");
  }

  private static void stalled(Read read, List<StatusView.Attention> matters) {
    for (WorkItem item : WorkQueue.items(read, SHOWN)) {
      item.stalled()
          .ifPresent(why ->
              matters.add(
                  new StatusView.Attention(
                      "error",
                      item.due(),
                      item.key() + " is stalled until what it needs changes",
                      List.of(why),
                      "/queue")));
    }
  }

  private static void waiting(Read read, Instant now, List<StatusView.Attention> matters) {
    List<Job> late =
        JobStore.in(read, JobState.QUEUED, SHOWN * 10).stream()
            .filter(job -> job.waited(now).orElse(Duration.ZERO).compareTo(LONG_WAIT) > 0)
            .toList();
    if (late.isEmpty()) {
      return;
    }
    matters.add(
        new StatusView.Attention(
            "warning",
            late.getFirst().times().queued().orElse(now),
            "%s for more than %s"
                .formatted(
                    Words.count(late.size(), "job waits", "jobs wait"), Words.duration(LONG_WAIT)),
            late.stream().limit(5).map(AttentionReader::line).toList(),
            late.size() == 1 ? "/jobs/" + late.getFirst().id() : "/jobs?state=queued"));
  }

  private static void rejectedJobs(Read read, Instant now, List<StatusView.Attention> matters) {
    List<Job> rejected =
        JobStore.newest(
                read,
                java.util.Optional.of(JobState.REJECTED),
                java.util.Optional.empty(),
                Long.MAX_VALUE,
                SHOWN)
            .stream()
            .filter(job -> job.facts().createdAt().isAfter(now.minus(REJECTED_SHOWN)))
            .toList();
    if (rejected.isEmpty()) {
      return;
    }
    matters.add(
        new StatusView.Attention(
            "warning",
            rejected.getFirst().facts().createdAt(),
            Words.count(rejected.size(), "job", "jobs") + " rejected in the last 24 hours",
            rejected.stream().limit(5).map(AttentionReader::line).toList(),
            rejected.size() == 1 ? "/jobs/" + rejected.getFirst().id() : "/jobs?state=rejected"));
  }

  private static StatusView.Attention slowed(Throttles.Throttle throttle) {
    return new StatusView.Attention(
        "warning",
        throttle.since(),
        "%s in %s throttles: %s, the last of %s; they are tried again, more slowly"
            .formatted(
                throttle.provider(),
                throttle.region(),
                Words.count(throttle.count(), "call was refused", "calls were refused"),
                throttle.operation()),
        List.of(),
        null);
  }

  /** Asking for these would only cost time; a launch takes another offer where there is one. */
  private static void scarce(Read read, Instant now, List<StatusView.Attention> matters) {
    List<BreakerStore.Known> shut =
        BreakerStore.open(read).stream().filter(known -> !known.breaker().allows(now)).toList();
    if (shut.isEmpty()) {
      return;
    }
    matters.add(
        new StatusView.Attention(
            "warning",
            shut.getFirst().breaker().openedAt().orElse(now),
            Words.count(shut.size(), "offer of capacity is", "offers of capacity are")
                + " left out of launches for now",
            shut.stream().limit(SHOWN).map(AttentionReader::line).toList(),
            null));
  }

  private static String line(BreakerStore.Known known) {
    return "%s, until %s: %s"
        .formatted(
            known.offer().words(),
            known
                .breaker()
                .until()
                .map(until -> until.truncatedTo(ChronoUnit.SECONDS))
                .orElseThrow(),
            known.breaker().reason());
  }

  private static String line(Job job) {
    return job.facts().repository()
        + ", "
        + job.facts().name()
        + job.reason().map(reason -> ": " + reason).orElse("");
  }
}
