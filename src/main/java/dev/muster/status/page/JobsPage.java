package dev.muster.status.page;

import dev.muster.fleet.job.JobState;
import dev.muster.status.api.JobList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The jobs, newest first.
 *
 * @param next the address of the older ones, null where these are the last
 */
record JobsPage(List<Filter> filters, List<JobRow> jobs, @Nullable String next) {
  JobsPage {
    filters = List.copyOf(filters);
    jobs = List.copyOf(jobs);
  }

  /** Shows the jobs in one state only. */
  record Filter(String href, String label, boolean current) {}

  static JobsPage of(Optional<String> state, JobList list) {
    String query = state.map(s -> "state=" + s + "&").orElse("");
    String cursor = list.next();
    return new JobsPage(
        Stream.concat(
                Stream.of(new Filter("/jobs", "all", state.isEmpty())),
                Arrays.stream(JobState.values())
                    .map(JobState::word)
                    .map(w -> new Filter("/jobs?state=" + w, w, state.equals(Optional.of(w)))))
            .toList(),
        list.jobs().stream().map(JobRow::new).toList(),
        cursor == null ? null : "/jobs?" + query + "before=" + cursor);
  }

  boolean any() {
    return !jobs.isEmpty();
  }
}
