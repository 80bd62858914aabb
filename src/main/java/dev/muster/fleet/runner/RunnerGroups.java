package dev.muster.fleet.runner;

import java.util.Optional;

/** Where the config in force wants the runners of an environment registered. */
public interface RunnerGroups {
  /** The organisation's runner group; empty for the job's repository. */
  Optional<String> of(String environment);
}
