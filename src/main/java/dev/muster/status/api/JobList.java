package dev.muster.status.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of the jobs, newest first. */
public record JobList(List<JobView> jobs, @Nullable String next) {
  public JobList {
    jobs = List.copyOf(jobs);
  }
}
