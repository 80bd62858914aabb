package dev.muster.status.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of the runners, newest first; their timelines are empty here. */
public record RunnerList(List<RunnerView> runners, @Nullable String next) {
  public RunnerList {
    runners = List.copyOf(runners);
  }
}
