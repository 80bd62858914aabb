package dev.muster.status.page;

import dev.muster.status.api.EnvironmentList;
import dev.muster.status.api.JobView;
import dev.muster.status.api.PoolReader;
import dev.muster.status.api.PoolSummary;
import dev.muster.status.api.StatusView;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first page.
 *
 * @param morePools how many are not shown
 * @param environments those that spend something or have a budget
 * @param pushUrl where a config is pushed to; null where it comes from elsewhere
 */
record Overview(
    StatusView status,
    List<PoolRow> pools,
    int morePools,
    List<JobRow> jobs,
    List<EnvironmentRow> environments,
    @Nullable URI pushUrl) {
  private static final int POOLS = 200;

  Overview {
    pools = List.copyOf(pools);
    jobs = List.copyOf(jobs);
    environments = List.copyOf(environments);
  }

  static Overview of(
      StatusView status,
      Map<String, PoolReader.Day> days,
      List<JobView> jobs,
      EnvironmentList environments,
      @Nullable URI pushUrl) {
    return new Overview(
        status,
        status.pools().stream().limit(POOLS).map(pool -> row(pool, days)).toList(),
        Math.max(0, status.pools().size() - POOLS),
        jobs.stream().map(JobRow::new).toList(),
        EnvironmentRow.of(environments),
        pushUrl);
  }

  private static PoolRow row(PoolSummary pool, Map<String, PoolReader.Day> days) {
    PoolReader.Day day = days.get(pool.name());
    return day == null ? new PoolRow(pool, null) : PoolRow.of(pool, day.segments(), day.timeZone());
  }

  boolean inForce() {
    return status.config().revision() != null;
  }

  String brief() {
    String revision = status.config().revision();
    return revision == null ? "" : revision.substring(0, Math.min(10, revision.length()));
  }

  /** Whether launches are stopped everywhere, so that the button resumes. */
  boolean allPaused() {
    return status.pauses().stream().anyMatch(pause -> pause.scope().equals("all"));
  }

  boolean anyPool() {
    return !pools.isEmpty();
  }

  boolean anyEnvironment() {
    return !environments.isEmpty();
  }

  /** The month that is counted. */
  String month() {
    return environments.getFirst().environment().month();
  }

  boolean anyJob() {
    return !jobs.isEmpty();
  }
}
