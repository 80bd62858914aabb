package dev.muster.status.page;

import dev.muster.status.api.JobView;
import dev.muster.status.api.PoolDetail;
import dev.muster.status.api.RunnerView;
import java.util.List;

/** One pool: its numbers, its day, its decisions, its runners and its newest jobs. */
record PoolPage(PoolRow row, PoolDetail detail, List<RunnerRow> runners, List<JobRow> jobs) {
  PoolPage {
    runners = List.copyOf(runners);
    jobs = List.copyOf(jobs);
  }

  static PoolPage of(PoolDetail detail, List<RunnerView> runners, List<JobView> jobs) {
    return new PoolPage(
        PoolRow.of(detail.pool(), detail.day(), detail.timeZone()),
        detail,
        runners.stream().map(RunnerRow::new).toList(),
        jobs.stream().map(JobRow::new).toList());
  }

  /** Whether this very pool is paused, and not only what it lies in. */
  boolean pausedItself() {
    String paused = row.pool().paused();
    return paused != null && paused.endsWith("(pool " + row.pool().name() + ")");
  }

  boolean anyRunner() {
    return !runners.isEmpty();
  }

  boolean anyJob() {
    return !jobs.isEmpty();
  }

  boolean anyDecision() {
    return !detail.decisions().isEmpty();
  }
}
