package dev.muster.config;

import java.util.List;
import java.util.Optional;

/** Says in words what a config would change. */
public interface ChangeSummary {
  /** One line per change; empty when nothing changes. */
  List<String> lines(Optional<Snapshot> before, Snapshot after);
}
